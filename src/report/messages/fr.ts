import type { en } from './en.ts'
import { errorsFr } from './errors-fr.ts'
import { oneCatalogue } from './one-catalogue.ts'
import { pageFr } from './page-fr.ts'
import { watchFr } from './watch-fr.ts'

const sentences = {
  // ------------------------------------------------------------------------------------------ verdict
  'verdict.reachable': 'Joignable : les inconnus entrent sur {endpoints}.',
  'verdict.reachable-to-known':
    "Joignable : une adresse que cette machine a déjà contactée, ou peut l'avoir fait, entre sur {endpoints} ; que de parfaits inconnus entrent n'est pas prouvé.",
  'verdict.partly-reachable':
    "Joignable en partie : les inconnus entrent sur {open}, mais pas sur {shut}[ ; pour {rest}, rien n'est prouvé].",
  'verdict.unreachable': "Injoignable : les inconnus n'entrent pas sur {shut}[ ; pour {rest}, rien n'est prouvé].",
  'verdict.unknown':
    "[Indéterminé : pour {rest}, rien ne prouve que les inconnus entrent, ni qu'ils n'entrent pas ; sur {open}, ils entrent.|Indéterminé : rien ne prouve que les inconnus entrent, et rien ne prouve qu'ils n'entrent pas.]",
  'verdict.nothing-asked': "Indéterminé : aucun port n'a été demandé.",
  'stopped-at.provider': "[En {family}, ils|Ils] sont arrêtés chez le fournisseur d'accès.",
  'stopped-at.carrier':
    "[En {family}, ils|Ils] sont arrêtés par la traduction d'adresses partagée du fournisseur d'accès[ ({address})].",
  'stopped-at.router': '[En {family}, ils|Ils] sont arrêtés au routeur[ {address}].',
  'stopped-at.host-firewall': '[En {family}, ils|Ils] sont arrêtés par le pare-feu de cette machine.',
  'stopped-at.container': '[En {family}, ils|Ils] sont arrêtés au conteneur.',
  'stopped-at.process': "[En {family}, ils|Ils] atteignent cette machine, mais aucun programme n'y écoute.",

  // ------------------------------------------------------------------------------------------ words of the text
  'text.clears': 'supprime {numbers}',
  'text.nat':
    "Traduction d'adresses (NAT) : [{layers} {layers#niveau|niveaux}|{least} à {most} niveaux|au moins {least} {least#niveau|niveaux}|nombre de niveaux non connu] ; correspondance {mapping}, filtrage {filtering}[ (« {alias} »)].",
  'text.punching':
    'Les pairs derrière un routeur domestique ordinaire peuvent rejoindre ce nœud à mi-chemin (« hole punching » en UDP) : {answer}.',
  'text.punching-one-port': 'Le NAT du pair garde un seul port ; selon son filtrage : {table}.',
  'text.punching-per-peer':
    'Le NAT du pair prend un nouveau port pour chaque correspondant ; selon son filtrage : {table}.',
  'text.remains':
    "Ce qui reste sans réparation : UDP {udp}, TCP ? (la correspondance de ses ports n'est pas mesurée), un relais ✓.",
  'punching.yes': 'oui',
  'punching.no': 'non',
  'punching.unknown': 'non connu',
  'text.udp-lifetime':
    'Une correspondance UDP inactive existait encore après {seconds} s, et plus ensuite : ce qui doit la garder ouverte est à envoyer plus souvent.',
  'text.gateway':
    "Le routeur {address}[ ({model})] ouvre des ports à la demande d'un programme : {protocols}.[ Il dit que son adresse au dehors est {external}.]",
  'text.node':
    "{kind}[ avec {peers} {peers#pair|pairs} ; d'ordinaire il y en a de {min} à {max}| avec {peers} {peers#pair|pairs}|, qui n'a pas dit combien de pairs il a].",
  'text.json-hint': 'Les numéros comme (e1) désignent les preuves : --json les montre.',
  'nat.endpoint-independent': 'sans égard au destinataire',
  'nat.address-dependent': "selon l'adresse",
  'nat.address-and-port-dependent': "selon l'adresse et le port",
  'nat.unknown': 'à déterminer',

  // ------------------------------------------------------------------------------------------ obstacles
  'obstacle.not-listening':
    "[Le nœud n'écoute sur {endpoints} qu'à {address}, et non à {internal}, où arrivent les paquets des inconnus.|Rien n'écoute sur {endpoints} sur cette machine, ni sur le port {inside} du conteneur {container}, auquel il mène : le nœud n'est pas lancé, ou il utilise un autre port.|Rien n'écoute sur {endpoints} sur cette machine, ni dans le conteneur {container}, auquel il mène : le nœud n'est pas lancé, ou il utilise un autre port.|Rien n'écoute sur {endpoints} sur cette machine : le nœud n'est pas lancé, ou il utilise un autre port.|Rien n'écoute sur ce port sur cette machine : le nœud n'est pas lancé, ou il utilise un autre port.]",
  'obstacle.listening-on-loopback':
    "[Dans le conteneur {container}, le nœud n'écoute|Le programme {process} n'écoute|Le nœud n'écoute] sur [{endpoints}|ce port] qu'à [l'adresse {address}|une adresse de bouclage]. Cette adresse ne sert qu'aux programmes [du conteneur {container}|de cette machine] ; personne d'autre ne peut l'appeler.",
  'obstacle.port-not-published':
    "[Le conteneur {container} ({image})|Le conteneur {container}|Un conteneur] écoute sur [{endpoints}|ce port], mais [le port est publié sur cette machine sous un autre numéro, {published}|il n'est publié sur cette machine qu'à {only}, et les inconnus n'arrivent pas là|il n'est publié que sur le papier, car ni règle ni intermédiaire ne s'en charge{?ineffective}|le port n'est pas publié sur cette machine] : ce qui arrive ici ne lui est pas transmis.",
  'obstacle.host-firewall-drops-inbound':
    "[Cette machine jette elle-même ce que l'observateur envoie pour {endpoints}, bien qu'aucune règle de son pare-feu ne le fasse aux inconnus{?unexplained}. Une règle pour cette adresse peut en être la cause, ou le noyau, si les réponses partaient par une autre interface (rp_filter).|Le pare-feu de cette machine jette ce qui arrive pour {endpoints} avant que le nœud ne le voie.|Le pare-feu de cette machine jette ce qui arrive pour ce port avant que le nœud ne le voie.][ La règle : {rule} (chaîne {chain}, table {table}).| La règle : {rule}| Une règle que peerway ne sait pas juger peut en être la cause : {unjudged} (chaîne {chain}, table {table}).]",
  'obstacle.host-firewall-drops-forwarded':
    "Le pare-feu de cette machine jette ce qu'elle devrait transmettre [à {endpoints}|aux clients du nœud et de leur part ({clients}), qui n'ont donc pas d'Internet à travers lui|à un conteneur, une machine virtuelle ou un client VPN].[ La règle : {rule} (chaîne {chain}, table {table}).| La règle : {rule}]",
  'obstacle.host-firewall-drops-outbound':
    'Le pare-feu de cette machine jette [ce que le nœud répond sur {endpoints}|des paquets que cette machine envoie d’elle-même à des pairs].[ La règle : {rule} (chaîne {chain}, table {table}).| La règle : {rule}]',
  'obstacle.ip-forwarding-disabled':
    'Cette machine doit transmettre des paquets à un conteneur, à une machine virtuelle ou à des clients VPN, mais son noyau ne les transmet pas[ ({setting})].',
  'obstacle.router-source-nat':
    "[Votre routeur {address}|Votre routeur] partage [l'adresse publique {external}|une seule adresse] entre les appareils placés derrière lui (NAT). Ce que les inconnus envoient pour [{endpoints}|ce port] n'arrive pas jusqu'à cette machine[ ({internal})] : le routeur n'a pas de redirection pour cela ou, si sa liste en montre une, quelqu'un les arrête avant lui.",
  'obstacle.router-forward-elsewhere':
    '[Votre routeur {address}|Votre routeur] redirige [{endpoints}|ce port], mais vers [{other}|un autre appareil ou un autre port], et non vers cette machine[ ({internal})].',
  'obstacle.router-filter-drops-inbound':
    "[Votre routeur {address}|Votre routeur] ne change pas les adresses, mais son pare-feu jette tout ce qu'aucun appareil de votre réseau n'a demandé. Rien de ce que les inconnus envoient n'atteint donc [{endpoints}|ce port][ à {internal}].",
  'obstacle.double-nat':
    "Au-delà de votre routeur, un second[ ({address})] partage lui aussi son adresse (double NAT). Les inconnus qui appellent [{external}|votre adresse publique] y sont arrêtés ; une redirection sur votre seul routeur n'y change rien.",
  'obstacle.carrier-nat':
    "Votre fournisseur d'accès partage [l'adresse publique {external}|une adresse publique] entre de nombreux clients (NAT d'opérateur, CGN)[ ; la traduction se fait à {address}]. Ce que les inconnus envoient s'arrête là, et aucun réglage de votre routeur n'y change rien.",
  'obstacle.provider-blocks-inbound-port':
    "Votre fournisseur d'accès bloque [{endpoints}|ce port] depuis l'extérieur : d'autres ports de cette machine sont joignables, celui-ci non.",
  'obstacle.provider-blocks-inbound-udp':
    "Votre fournisseur d'accès bloque tout l'UDP entrant : rien de ce que les inconnus envoient en UDP n'atteint [{endpoints}|cette machine].",
  'obstacle.provider-blocks-inbound-tcp':
    "Votre fournisseur d'accès bloque tout le TCP entrant : aucune connexion ouverte par un inconnu n'atteint [{endpoints}|cette machine].",
  'obstacle.provider-blocks-outbound-udp':
    "Aucun paquet UDP ne sort de ce réseau : l'UDP est bloqué en sortie, alors que le TCP passe.",
  'obstacle.provider-blocks-outbound-port':
    'Certains ports sont bloqués en sortie[ : {ports}]. Le nœud ne peut pas appeler les pairs qui y écoutent.',
  'obstacle.provider-filters-protocol':
    "[Quelqu'un sur le chemin, le fournisseur d'accès en général, ralentit les flux qui parlent {protocol} : ils vont à {slow} kbit/s au plus, et ceux de même forme mais sans signification à {plain} kbit/s et plus, sur le même port|{endpoints} : quelqu'un sur le chemin, le fournisseur d'accès en général, laisse passer des octets quelconques mais arrête {protocol}|Quelqu'un sur le chemin, le fournisseur d'accès en général, laisse passer des octets quelconques mais arrête {protocol}, sur le même port|Quelqu'un sur le chemin reconnaît le protocole du nœud et l'arrête][, à l'entrée comme à la sortie en coupant ses connexions par de fausses réinitialisations{?both-reset}|, à l'entrée comme à la sortie en le tronquant{?both-cut}|, à l'entrée comme à la sortie en jetant ses paquets{?both-lost}][, à l'entrée en coupant ses connexions par de fausses réinitialisations{?in-reset}|, à l'entrée en le tronquant{?in-cut}|, à l'entrée en jetant ses paquets{?in-lost}][, à la sortie en coupant ses connexions par de fausses réinitialisations{?out-reset}|, à la sortie en le tronquant{?out-cut}|, à la sortie en jetant ses paquets{?out-lost}].[ Seul le premier paquet d'un flux est examiné, et tout le flux est ensuite arrêté.{?first-packet}{?rest-stopped}| Seul le premier paquet d'un flux est examiné : derrière d'autres octets, les mêmes passent.{?first-packet}| Chaque paquet d'un flux est examiné, et tout ce qui suit est arrêté.{?every-packet}{?rest-stopped}| Chaque paquet d'un flux est examiné, et seuls ceux-là sont arrêtés.{?every-packet}{?rest-passes}| Chaque paquet d'un flux est examiné.{?every-packet}]",
  'obstacle.no-internet':
    "[Cette machine n'a pas de route par défaut en {family}{?no-route} : elle n'atteint personne à l'extérieur en {family}.|Rien sur Internet ne répond à cette machine : ni serveur de noms, ni observateur, ni serveur STUN.]",
  'obstacle.announces-unreachable-address':
    "Le nœud dit à ses pairs d'appeler [{transport} {address}|{address}|une adresse qu'ils ne peuvent pas appeler][, où les inconnus n'entrent pas{?address}][ ; ils entrent à {external}].",

  // ------------------------------------------------------------------------------------------ what would settle it
  'settled-by.run-as-root':
    'relancez peerway en root ; il voit alors les paquets arriver même si le nœud se tait, et lit les règles du pare-feu.',
  'settled-by.second-address':
    "donnez un second observateur, ou un observateur à deux adresses : l'essai vient alors d'une adresse que cette machine n'a jamais contactée.",
  'settled-by.router-page':
    "ouvrez [la page de votre routeur, http://{address},|la page de votre routeur] et cherchez-y son adresse WAN (Internet). Si c'est [{external}|votre adresse publique], votre routeur est seul à traduire ; sinon, quelqu'un au-delà traduit aussi.",
  'settled-by.deep': 'lancez [`{command}`|`peerway check --deep`], qui examine chaque étape.',
  'settled-by.another-vantage':
    'interrogez un autre observateur, dans un autre réseau, avec un second `--vantage HOST`.',
  'settled-by.port-on-vantage':
    "un observateur qui écoute sur [{endpoints}|ce port] le dirait ; celui-ci n'a pas pu l'ouvrir.",
  'settled-by.router-table':
    'regardez la liste des ports redirigés sur [la page de votre routeur, http://{address}|la page de votre routeur] : où va [{endpoints}|ce port] ?',
  'settled-by.trace-rules':
    "regardez avec `nft monitor trace` quelle règle prend les paquets[ pour {endpoints}], pendant qu'un observateur appelle.",
  'settled-by.dial-announced':
    "faites appeler de l'extérieur [{address}|ce que le nœud annonce] : cela peut aussi mener à cette machine.",
  'settled-by.while-client':
    "relancez peerway pendant qu'un client est connecté : le nœud écoute alors, et a activé ce qu'il lui faut.",
  'settled-by.start-node': 'lancez le nœud, puis de nouveau peerway.',
  'settled-by.stop-node':
    'arrêtez le nœud et relancez peerway : il tient alors lui-même le port et y essaie le protocole.',

  // ------------------------------------------------------------------------------------------ warnings
  'warning.admin-port-exposed':
    "[{endpoints}, par où l'on administre le nœud ({service}),|{endpoints}, par où l'on administre le nœud,|Un port d'administration] est joignable depuis Internet[ : un appel de l'extérieur a reçu une réponse{?endpoints}][, mais depuis une adresse que cette machine a, ou aurait, déjà contactée{?known}].[ C'est Docker qui le publie, et ce que Docker publie passe à côté d'ufw et des autres règles faites pour les programmes de cette machine : publiez-le sur 127.0.0.1 seulement{?published}.| Faites-le écouter sur 127.0.0.1 seulement{?endpoints}.]",
  'warning.few-peers':
    "Le nœud n'a que [{peers} {peers#pair|pairs}|peu de pairs][ dans sa moitié {part}][ ; d'ordinaire il y en a de {min} à {max}][, et il en appelle {quota} de lui-même : peut-être que personne n'est entré].[ Il les a tous appelés lui-même : personne n'est entré{?alone}.]",
  'warning.hole-punching-impossible':
    "[Aucun paquet UDP ne sort : le « hole punching » ne marche avec personne{?blocked}|La traduction sur le chemin prend un nouveau port pour chaque pair : le « hole punching » ne marche ni avec les pairs derrière une traduction de même sorte, ni avec ceux derrière un routeur domestique ordinaire, mais avec ceux dont le filtre accepte tout port d'une adresse déjà contactée{?laxer}|La traduction sur le chemin prend un nouveau port pour chaque pair : le « hole punching » ne marche pas avec les pairs derrière d'autres routeurs].",
  'warning.router-control-open-to-internet':
    "[Le routeur {address}|Le routeur] répond à n'importe qui sur Internet[ sur {ports}], là où seul ce foyer devrait pouvoir lui parler : des inconnus y apprennent ce qu'il est et peuvent y ouvrir des ports. Mettez à jour son micrologiciel ; si cela ne suffit pas, désactivez-y UPnP et NAT-PMP.",
  'warning.suspicious-mapping':
    "[Le routeur {router} redirige {external} vers {service} (port {port}) d'une autre machine, {machine}|Le routeur redirige un port vers un service d'une autre machine qui ne devrait pas être ouvert à Internet]. Si personne ici ne le souhaite, supprimez cette redirection dans le routeur et voyez ce qui tourne sur cette machine.",
  'warning.clock-skew': "L'horloge de cette machine est fausse[ de {seconds} {seconds#seconde|secondes}].",

  // ------------------------------------------------------------------------------------------ notes
  'note.vantage-in-own-network':
    'Le point d’observation {name} est dans le réseau privé de cette machine : aucun inconnu ne vient de là, et son appel ne prouve donc rien sur les inconnus. Prenez-en un sur Internet.',
  'note.no-vantage':
    "Personne à l'extérieur n'a été prié d'appeler cette machine : rien n'est donc prouvé. Pour une preuve, lancez `npx peerway vantage` sur un serveur loué, ou demandez-le à un ami (qui pourra se servir du vôtre), puis ici [`peerway check {ports} --vantage HOST`|`peerway check --port PORT --vantage HOST`].",
  'note.vantage-silent':
    "[L'observateur {name}|L'observateur] ne répond pas[ à {address}]. Est-il lancé, et son propre pare-feu laisse-t-il entrer son port en TCP et en UDP ?",
  'note.vantage-refused':
    "[L'observateur {name}|L'observateur] refuse la connexion[ à {address}] : aucun observateur n'est lancé sur ce port.",
  'note.vantage-not-speaking':
    '[À {name}, quelque chose|Quelque chose] accepte la connexion, mais ne parle pas comme un observateur. Est-ce un autre programme, ou un intermédiaire qui répond à la place de tout le monde ?',
  'note.vantage-name-not-looked-up':
    "Le nom [{name}|de l'observateur] n'a pas pu être cherché : aucun serveur de noms ne répond. Ceux de cette machine sont-ils les bons (/etc/resolv.conf) ?",
  'note.vantage-did-not-dial': "[L'observateur {name}|L'observateur] n'a pas appelé cette machine[ : {refusal}].",
  'note.vantage-by-another-way':
    "D'après les routes de cette machine, le chemin vers l'observateur[ {name}] n'est pas celui d'Internet. Que son appel n'entre pas ne prouve rien sur les inconnus.",
  'note.no-vantage-of-family':
    "Cette machine atteint Internet en [{family}|une autre famille d'adresses], et aucun observateur n'a été donné avec une telle adresse. Donnez-en un : des inconnus entrent peut-être par là.",
  'note.other-public-address':
    "Cette machine a aussi l'adresse publique[ {address}], où personne ne l'a appelée : des inconnus y entrent peut-être. Le chemin vers l'observateur part par une autre interface.",
  'note.dialled-anothers-address':
    "L'observateur connaît cette machine sous [l'adresse {address}|une adresse] d'où ne vient aucun de ses datagrammes : un mandataire sur le chemin reprend ses connexions, ou le fournisseur d'accès donne à chaque flux une autre adresse. Ce qui a été appelé là est peut-être une autre machine, et ne compte donc pas. Faites exempter le port de l'observateur du mandataire, ou donnez-lui un autre port.",
  'note.vantage-name-not-found': "Le nom [{name}|de l'observateur] n'a pas d'adresse : est-il bien écrit ?",
  'note.captive-portal':
    "Un portail captif répond à la place de tous ceux que cette machine appelle en TCP[ ({family})] : ce réseau demande d'abord une connexion à un compte. Ouvrez ici un navigateur[ ({location})], identifiez-vous, puis refaites l'examen. Ce qui a répondu en TCP avant cela ne prouve rien.",
  'note.answers-for-everybody':
    "Quelqu'un sur le chemin[ en {family}] accepte les connexions TCP vers toute adresse, même celles que personne n'a : un mandataire (proxy), ou un portail qui demande de s'identifier. Une réponse en TCP ne prouve donc rien ici. Identifiez-vous là où ce réseau le demande, ou faites exempter cette machine du mandataire, puis refaites l'examen.",
  'note.handshakes-on-the-way':
    "Quelqu'un sur le chemin de l'observateur[ en {family}] achève les ouvertures de connexion TCP, même sur des ports que personne n'y a ouverts : un mandataire transparent de ce côté-ci, ou une protection placée devant l'observateur. Une connexion établie ne prouve donc pas qu'elle est sortie ; ce que l'observateur en a vu le prouve.",
  'note.connections-redialled':
    "En TCP, le port {ports} répond, mais rien n'arrive à l'observateur depuis l'adresse de cette machine, et quelque chose y arrive d'une autre : un proxy transparent qui appelle à sa place, ou un fournisseur qui fait sortir les flux par plusieurs adresses. Rien n'est reproché à ces ports ; c'est l'autre adresse que les pairs y voient.",
  'note.connections-taken':
    "Le TCP vers le port {ports} reçoit la réponse d'un autre que le serveur appelé, qui n'en a rien vu : un mandataire transparent ou un portail, dans le routeur, chez le fournisseur d'accès, ou un logiciel de sécurité sur cette machine. Désactivez-le pour cette machine, ou donnez d'autres ports au nœud.",
  'note.mtu-black-hole':
    "[Les paquets de {lost} octets et plus|Les longs paquets] se perdent en chemin[ en {family}] sans que rien ne le dise[, alors que ceux de {fits} passent] (un trou noir de MTU) : les connexions s'établissent puis se figent. Réglez le MTU de cette machine, ou du routeur, [à {fits}|plus bas].",
  'note.vantage-violated-protocol':
    "[L'observateur {name}|L'observateur] n'a pas respecté le protocole : rien de ce qu'il a dit n'a été cru.",
  'note.vantage-only-stun':
    "[{name}|Ce serveur] est un simple serveur STUN : il dit comment cette machine est vue de l'extérieur, mais ne peut pas l'appeler. Pour une preuve, il faut un observateur peerway.",
  'note.filter-hop':
    "Compté en sauts depuis cette machine, l'équipement qui arrête [{protocol}|le protocole] se trouve [au saut {after}, au saut {before} ou entre les deux|au saut {after} ou derrière lui, avant l'observateur|au saut {before} ou avant lui|quelque part sur le chemin].",
  'note.filter-hop-unknown':
    "On ne sait pas à quel saut [{protocol}|le protocole] est arrêté : cela ne se voit que vers l'extérieur, en TCP seulement pour root, et là où les équipements signalent les paquets qui finissent chez eux.",
  'note.flow-boxes':
    "Qui oublie les flux UDP inactifs[ en {family}], compté en sauts depuis cette machine (0 est la machine elle-même), et après combien de temps[ : {boxes}].[ {?complete}Aucun autre équipement du chemin ne le fait en moins de {waited} s.| Il peut y en avoir d'autres.]",
  'note.flow-boxes-translate':
    "Se souvenir d'un flux n'est pas le traduire : un pare-feu s'en souvient aussi. Parmi les équipements du chemin, [{count} {count#traduit|traduisent}|{least} à {most} traduisent|au moins {least} {least#traduit|traduisent}|certains traduisent peut-être] des adresses.",
  'note.no-flow-boxes':
    "Aucun équipement du chemin[ en {family}] n'a été vu oublier un flux UDP resté inactif[ {waited} s].",
  'note.flows-kept':
    "[Ce que l'un ou l'autre côté envoie suffit à maintenir un flux UDP{?inside}{?outside}|Ce qui vient de l'extérieur ne suffit pas à maintenir un flux UDP{?inside}|Ce que cette machine envoie ne suffit pas à maintenir un flux UDP{?outside}|Ce qu'un seul côté envoie ne suffit pas à maintenir un flux UDP][ en {family}][.{?inside}{?outside}| : cette machine doit elle-même envoyer quelque chose, encore et encore.{?inside}| : quelque chose doit revenir, encore et encore.]",
  'note.idle-tcp-lives':
    "Une connexion TCP sur laquelle rien n'est dit reste connue sur le chemin[ en {family}] pendant plus de {lived} s.",
  'note.idle-tcp-forgotten':
    "Une connexion TCP sur laquelle rien n'est dit est oubliée sur le chemin[ en {family}] au bout de {lived} à {died} s : que le nœud envoie quelque chose plus souvent (keepalive).",
  'note.listens-on-demand':
    "Le nœud n'ouvre ses ports UDP[, de {first} à {last},] que pendant qu'un client est avec lui : personne ne peut donc y être joint maintenant.[ Un inconnu est entré sur {endpoints} pendant que peerway tenait le port : la voie y est ouverte.]",
  'note.not-root':
    "Sans les droits de root, peerway ne voit ni les paquets qui arrivent avant le pare-feu, ni les règles de ce pare-feu, ni quel programme tient un port d'un autre utilisateur. Lancez-le en root pour en voir plus.",
  'note.vantages-disagree': "Les observateurs[ {names}] ne sont pas d'accord : là où l'un entre, un autre n'entre pas.",
  'note.handshake-proves-nothing':
    "Quelque chose sur le chemin accepte toute connexion TCP, même sur des ports où personne n'écoute[ ({address})]. Une connexion acceptée ne prouve donc rien ici.",
  'note.proxy-answers':
    "Sur [TCP {port}|ce port], l'intermédiaire de Docker accepte la connexion pour le conteneur, et le nœud derrière lui n'a rien dit de lui-même : on ne sait pas s'il a été atteint. Avec des règles de Docker (`iptables` ; pour IPv6 `ip6tables`), les inconnus arrivent au conteneur lui-même, et cela se voit.",
  'note.no-answer-from-node-udp':
    "[Les paquets pour {endpoints} arrivent à cette machine, mais le nœud{?arrived}|On ne sait pas si les paquets pour UDP {port} arrivent : le nœud|Le nœud] ne répond pas au premier paquet d'un inconnu, comme beaucoup en UDP.[ Lancez peerway en root pour voir s'ils arrivent.{?not-root}]",
  'note.address-dependent':
    "L'essai est venu d'une adresse que cette machine a déjà contactée, ou peut l'avoir fait. Un filtre qui ne laisse entrer que les adresses connues l'aurait aussi laissé entrer ; un observateur jamais contacté le dirait.",
  'note.container-own-address':
    "[Le conteneur {container}|Un conteneur] a [sa propre adresse, {addresses},|sa propre adresse] dans le réseau autour de cette machine. Les inconnus y arrivent sans passer par cette machine : peerway ne peut pas dire d'ici s'ils entrent. Lancez-le dans le conteneur.",
  'note.restart-node':
    'Les réglages du nœud lui font déjà annoncer la bonne adresse : il les lit à son démarrage, redémarrez-le donc.',
  'note.no-endpoints':
    "Aucun port n'a été nommé. Dites quel port les inconnus doivent atteindre, par exemple `peerway check --port 4001`.",

  // ------------------------------------------------------------------------------------------ remedies
  'remedy.restore-internet': 'Rétablir la connexion à Internet',
  'remedy.start-node': 'Lancer le nœud, ou le faire écouter sur [{ports}|le port demandé]',
  'remedy.listen-on-all-addresses': 'Faire écouter le nœud sur toutes les adresses',
  'remedy.publish-port': 'Publier le port du conteneur sur cette machine',
  'remedy.allow-in-host-firewall': 'Laisser entrer {ports} dans le pare-feu de cette machine',
  'remedy.allow-forwarding-in-host-firewall': 'Laisser passer les paquets transmis dans le pare-feu de cette machine',
  'remedy.allow-outbound-in-host-firewall': 'Laisser sortir les paquets du nœud par le pare-feu de cette machine',
  'remedy.enable-ip-forwarding': 'Activer la transmission des paquets dans le noyau de cette machine',
  'remedy.announce-reachable-address': 'Faire annoncer au nœud une adresse que ses pairs peuvent appeler',
  'remedy.use-ipv6': "Utiliser IPv6, qui n'a pas besoin de traduction d'adresses",
  'remedy.bridge-mode': "Mettre le routeur extérieur en mode pont, pour qu'il ne traduise plus",
  'remedy.ask-provider-public-address': "Demander au fournisseur d'accès une adresse IPv4 publique à vous seul",
  'remedy.ask-provider-unblock': "Demander au fournisseur d'accès de lever le blocage",
  'remedy.forward-by-hand': 'Rediriger {ports} à la main sur le routeur',
  'remedy.correct-forwarding': 'Corriger la redirection de {ports} sur le routeur',
  'remedy.allow-in-router-firewall': 'Laisser entrer {ports} dans le pare-feu du routeur',
  'remedy.allow-in-router-firewall-ipv6': 'Laisser entrer {ports} dans le pare-feu IPv6 du routeur',
  'remedy.forward-on-both-routers': "Rediriger {ports} sur les deux routeurs, de l'un à l'autre",
  'remedy.dmz-host': "Faire de cette machine l'hôte DMZ du routeur, qui reçoit tout ce que personne n'a demandé",
  'remedy.use-another-port': 'Déplacer le nœud sur un autre port',
  'remedy.use-tcp': "Utiliser TCP au lieu d'UDP",
  'remedy.open-pinhole-pcp': 'Demander par PCP au routeur de laisser {ports} traverser son pare-feu IPv6',
  'remedy.open-pinhole-upnp': 'Demander par UPnP au routeur de laisser {ports} traverser son pare-feu IPv6',
  'remedy.map-port-pcp': 'Demander par PCP au routeur de rediriger {ports}',
  'remedy.map-port-nat-pmp': 'Demander par NAT-PMP au routeur de rediriger {ports}',
  'remedy.map-port-upnp': 'Demander par UPnP au routeur de rediriger {ports}',
  'remedy.enable-upnp-in-router':
    "Activer PCP, NAT-PMP ou UPnP dans le routeur, pour qu'on puisse lui demander de rediriger {ports}",
  'remedy.hole-punching': 'Activer le « hole punching » dans le nœud, pour que les pairs le rejoignent à mi-chemin',
  'remedy.relay': 'Faire recevoir les connexions par un serveur loué à adresse publique (relais)',

  // ------------------------------------------------------------------------------------------ steps of remedies
  'step.check-again': 'Vérifiez de nouveau : `{command}`',
  'step.check-cables':
    'Regardez le modem et le routeur[ {address}] : sont-ils allumés, et le voyant Internet brille-t-il ?',
  'step.check-default-route':
    "Regardez la route par défaut : `ip route` et `ip -6 route`. Sans ligne qui commence par « default », cette machine n'atteint personne à l'extérieur.",
  'step.call-provider': "Si le routeur lui-même n'a pas Internet, redémarrez-le, puis appelez le fournisseur d'accès.",
  'step.start-node': "Lancez le nœud et lisez son journal : dit-il qu'il écoute sur {endpoints} ?",
  'step.compare-port': "S'il écoute sur un autre port, changez ses réglages, ou vérifiez plutôt ce port-là.",
  'step.change-listen-address':
    "Dans les réglages du nœud, remplacez l'adresse d'écoute [{address}|127.0.0.1 ou ::1] par [{any}|0.0.0.0 (IPv6 : ::)], puis relancez le nœud.",
  'step.publish-port':
    'Relancez le conteneur avec son port publié : avec Docker `-p {flags}`, ou la même chose sous `ports:` dans le fichier compose.',
  'step.publish-port-compose':
    'Dans [{file}|le fichier compose], sous `services:`, `{service}:`, `ports:`, écrivez {entries}[ à la place de ce qui est publié à {only}| à la place de `- {published}`].',
  'step.publish-port-compose-up':
    'Puis : `{engine} compose up -d {service}`, qui refait ce conteneur et garde ses volumes.',
  'step.publish-port-run':
    "On ne peut pas donner de port à un conteneur en marche : refaites-le avec tout ce qui l'a fait (`{engine} inspect {container}` le montre) et avec le port : `{command}`.",
  'step.published-passes-ufw':
    "Attention : ce que Docker publie passe à côté de ufw ; `ufw deny` ne le ferme pas, et `ufw allow` n'est pas nécessaire. Pour n'y donner accès que d'ici, publiez-le sur 127.0.0.1.",
  'step.publish-port-engine':
    'Docker ne fait ni règle ni intermédiaire pour le port publié. Dans /etc/docker/daemon.json, mettez `"userland-proxy": true`, ou laissez-le faire des règles (`"iptables": true` ; pour IPv6, aussi `"ipv6"` et `"ip6tables"`), puis relancez-le.',
  'step.allow-in-host-firewall': 'Autorisez {endpoints} en entrée. Avec ufw : `{ufw}`. Avec firewalld : `{firewalld}`.',
  'step.allow-forwarding':
    'Trouvez la règle qui les jette (`nft list ruleset`, chaîne forward) et acceptez les paquets avant elle.',
  'step.allow-clients':
    'En root, acceptez ce que les clients envoient et ce qui leur revient : `{out}` et `{back}`. Ces règles disparaissent au redémarrage : écrivez-les là où vos règles sont chargées.',
  'step.docker-forward-policy':
    'Docker met la politique de cette chaîne à « drop » quand il active lui-même la transmission des paquets. N\'y remédiez pas par `"iptables": false` : Docker ne jetterait plus rien, mais les conteneurs n\'auraient plus de sortie, et leurs ports passeraient par un mandataire qui cache qui appelle.',
  'step.allow-outbound':
    'Trouvez la règle qui les jette (`nft list ruleset`, chaîne output) et acceptez les paquets avant elle.',
  'step.enable-ip-forwarding':
    'En root : `{command}`. Écrivez la même chose dans un fichier de /etc/sysctl.d/, pour que cela tienne après un redémarrage.',
  'step.announce':
    'Dans les réglages du nœud, mettez comme adresse annoncée [{external}|celle que voient les inconnus].',
  'step.restart-node': "Redémarrez le nœud : la plupart ne lisent leurs réglages qu'au démarrage.",
  'step.own-announce': "Faites annoncer l'adresse par le nœud : `{command}`",
  'step.own-restart': 'Puis redémarrez-le : `{command}`',
  'step.ipfs-announce':
    "En tant qu'utilisateur sous lequel tourne le nœud : `{command}` (si la liste a déjà des entrées, reprenez-les aussi). Si votre adresse publique change de temps en temps, il faudra recommencer.",
  'step.ipfs-port':
    "Dans ses réglages (`ipfs config edit`), écrivez [{port}|un port au-dessus de 1024 et loin de celui qui est bloqué] à la place de l'ancien port dans chaque ligne de Addresses.Swarm, en TCP comme en UDP.",
  'step.ipfs-tcp':
    "Kubo écoute déjà en TCP. Pour qu'il n'essaie plus UDP : `{command}`, et supprimez de Addresses.Swarm les lignes contenant `/udp/` (`ipfs config edit`).",
  'step.node-command': "Avec l'utilisateur qui fait tourner le nœud : `{command}`",
  'step.node-flag': 'Sur la ligne de commande du nœud : `{flags}`',
  'step.node-line': 'Dans {path}, écrivez `{line}`.',
  'step.phala-port':
    "Dans l'environnement du conteneur, mettez PARACHAIN_PORT ou RELAYCHAIN_PORT à {port} (PARACHAIN_LIBP2P_PORT ou RELAYCHAIN_LIBP2P_PORT si l'image a un lanceur), et publiez ce port. Avec les scripts « solo », cela va dans le modèle de `temp/`.",
  'step.ethereum-port':
    'Sur la ligne de commande du client, fixez son port (geth : `--port {port} --discovery.port {port}` ; Lighthouse, Teku, Lodestar : `--port {port}` ; Prysm : `--p2p-tcp-port {port}`), le même numéro dehors.',
  'step.syncthing-port':
    "Dans ses réglages, aux connexions, écrivez comme adresses d'écoute : `tcp://:{port}, quic://:{port}`.",
  'step.syncthing-tcp': "Dans ses réglages, aux connexions, écrivez comme adresses d'écoute : `tcp://:22000`.",
  'step.syncthing-relay':
    "Dans ses réglages, aux connexions, vérifiez que le relais est activé ; il l'est à l'installation.",
  'step.bittorrent-port':
    "Mettez {port} comme port des connexions entrantes (qBittorrent : à la page « connexion » ; Transmission : arrêtez d'abord le service, puis `peer-port` dans settings.json).",
  'step.bittorrent-tcp':
    'Laissez le client parler TCP à côté de µTP (qBittorrent : protocole TCP et µTP ; Transmission : `preferred_transports`).',
  'step.mysterium-port':
    "Donnez-lui une autre plage d'au moins 20 ports UDP, dont la fin ne compte pas : `--udp.ports=A:B` dans DAEMON_OPTS de /etc/default/mysterium-node, ou après `service` sous Docker. Dehors, ils doivent avoir les mêmes numéros. Les anciennes options `--openvpn.port` et `--wireguard.listen.ports` ne changent plus rien.",
  'step.mysterium-punching':
    "Faites-lui essayer d'abord le « hole punching » : `--traversal=holepunching,manual,upnp` dans DAEMON_OPTS de /etc/default/mysterium-node, ou après `service` sous Docker.",
  'step.fix-only': "peerway s'en charge, et l'annule, si vous le nommez : `{command}`",
  'step.ipfs-restart': "Redémarrez le nœud : il ne lit ses réglages qu'au démarrage.",
  'step.substrate-announce':
    'Ajoutez à la ligne de commande du nœud : `{flags}` (sans le `/ws` final pour un validateur ou un collator).',
  'step.phala-announce':
    'Ajoutez `{flags}` à PARACHAIN_EXTRA_ARGS (port 30333) ou à RELAYCHAIN_EXTRA_ARGS (port 30334). Avec les scripts « solo », cela va dans le modèle du dossier `temp/`, car `phala start` refait à chaque fois le fichier compose de `conf/` et le verrouille (`chattr +i`).',
  'step.phala-restart':
    'Puis `sudo phala stop` et `sudo phala start` ; sauvez les journaux avant, car arrêter les efface.',
  'step.bitcoin-announce': 'Ajoutez à bitcoin.conf : `{lines}`.',
  'step.open-router-page':
    'Ouvrez [la page du routeur ({model}), http://{address},|la page du routeur, http://{address},|la page du routeur] dans un navigateur et connectez-vous.',
  'step.open-outer-router-page':
    'Ouvrez [la page du routeur extérieur, http://{address},|la page du routeur extérieur] dans un navigateur et connectez-vous.',
  'step.fix': "peerway peut le faire lui-même, avec tout ce qu'il faut : `{command}`",
  'step.hindered': '`peerway fix` vous laisse une partie du travail : {why}.',
  'step.ask-mapping':
    "On demande par {protocol} au routeur[ {address}] d'envoyer {ports} vers [{internal}|cette machine], pour un jour ; il faut redemander avant la fin.",
  'step.ask-pinhole':
    "On demande par {protocol} au routeur[ {address}] de laisser {ports} entrer jusqu'à [{internal}|cette machine], pour un jour ; il faut redemander avant la fin.",
  'step.upnp-warning':
    "UPnP est souvent défectueux, et laisse n'importe quel programme de la maison ouvrir des ports : si le routeur offre autre chose, préférez-le.",
  'step.enable-mapping-protocol':
    'Cherchez PCP ou NAT-PMP, sinon UPnP (souvent sous NAT, pare-feu ou réseau domestique), activez-le, et vérifiez à nouveau.',
  'step.punch-holes':
    "Dans ses réglages, activez le « hole punching » (libp2p l'appelle DCUtR), avec un client de relais ; les pairs qui le savent aussi entrent alors, les autres non.",
  'step.fixed-address':
    'Sous DHCP, donnez toujours la même adresse[, {internal},] à cette machine, sinon la redirection mènera un jour ailleurs.',
  'step.forward-range':
    "Le nœud prend n'importe quel port de {first} à {last} : redirigez-les tous, avec les mêmes numéros à l'intérieur. Si le routeur en veut moins, donnez d'abord au nœud une plage plus petite.",
  'step.add-forwarding':
    "Sous redirection de ports (aussi appelée serveur virtuel ou règle NAT), ajoutez : {ports} vers [{internal}|l'adresse de cette machine], avec les mêmes numéros de port à l'intérieur. Si une telle entrée existe déjà, voyez si elle mène bien à cette adresse.",
  'step.correct-forwarding':
    "Sous redirection de ports, trouvez les entrées pour {ports} et dirigez-les vers [{internal}|l'adresse de cette machine], avec les mêmes numéros de port à l'intérieur.",
  'step.add-pinhole':
    "Sous pare-feu (sur certains routeurs : pare-feu IPv6, hôte exposé, ouverture), autorisez {ports} vers [{internal}|l'adresse de cette machine].",
  'step.set-dmz': "Sous DMZ (aussi appelée hôte exposé), entrez [{internal}|l'adresse de cette machine].",
  'step.dmz-warning':
    "Seul le pare-feu de cette machine la protège alors : assurez-vous qu'elle en a un et qu'il n'autorise que ce dont le nœud a besoin.",
  'step.enable-bridge':
    "Passez-le en mode pont (aussi appelé mode modem ou IP passthrough). Votre propre routeur reçoit alors l'adresse publique.",
  'step.no-bridge':
    "S'il n'a pas ce réglage, demandez au fournisseur d'accès de le faire ; beaucoup le font sur demande.",
  'step.outer-forward':
    "Sur le routeur extérieur[, http://{address},] redirigez {ports} vers l'adresse WAN (Internet) de votre propre routeur, avec les mêmes numéros de port.",
  'step.inner-forward':
    "Sur votre propre routeur[, http://{gateway},] redirigez {ports} vers [{internal}|l'adresse de cette machine].",
  'step.ask-public-address':
    "Demandez au fournisseur d'accès une adresse IPv4 publique, hors NAT d'opérateur (« j'ai besoin de connexions entrantes »). Certains la donnent gratuitement, d'autres pour quelques euros par mois.",
  'step.ask-unblock-port':
    "Demandez au fournisseur d'accès de laisser entrer {ports}, et si un contrat professionnel le permettrait.",
  'step.ask-unblock-udp-out': "Demandez au fournisseur d'accès, ou à qui gère ce réseau, de laisser sortir l'UDP.",
  'step.ask-unblock-ports-out':
    "Demandez au fournisseur d'accès, ou à qui gère ce réseau, de laisser sortir les ports bloqués[ : {ports}].",
  'step.ask-unblock-protocol':
    "Demandez au fournisseur d'accès pourquoi [{protocol} vers {endpoints}|{protocol}|le protocole du nœud] est bloqué, et de le laisser passer.",
  'step.change-port':
    "Dans les réglages du nœud, mettez un autre port, au-dessus de 1024 et loin du port bloqué, puis relancez le nœud.[ Des inconnus viennent d'entrer sur {ports}, que peerway tenait.]",
  'step.node-tcp': "Activez TCP dans les réglages du nœud, s'il le parle, puis relancez le nœud.",
  'step.enable-ipv6': "Activez IPv6 dans le routeur, ou demandez-le au fournisseur d'accès.",
  'step.use-ipv6-address':
    "Faites écouter le nœud en IPv6[ ({internal})] et annoncer cette adresse. Les pairs qui n'ont qu'IPv4 ne pourront toujours pas appeler ce nœud.",
  'step.rent-server':
    "Louez un petit serveur à adresse publique et reliez-y cette machine par un tunnel qu'elle ouvre elle-même (WireGuard, ou le relais propre au nœud, comme libp2p circuit relay).",
  'step.forward-on-server':
    "Sur ce serveur, redirigez {ports} par le tunnel vers cette machine, et faites annoncer au nœud l'adresse du serveur.",

  // ------------------------------------------------------------------------------------------ evidence
  'evidence.addresses':
    'Adresses de cette machine vers Internet : IPv4 [{ipv4} par {gateway4}|{ipv4}|aucune] ; IPv6 [{ipv6} par {gateway6}|{ipv6}|aucune].',
  'evidence.local-answer.yes':
    'Le nœud répond sur {endpoints} aux premiers paquets d’un inconnu quand cette machine les envoie.',
  'evidence.local-answer.no':
    'Le nœud sur {endpoints} se tait même quand cette machine lui envoie les premiers paquets d’un inconnu.',
  'evidence.local-answer.unknown':
    'On n’a pas pu essayer depuis cette machine si le nœud sur {endpoints} répond aux inconnus.',
  'evidence.datagrams-read.some':
    'Pendant un nouvel appel de {endpoints}, des programmes de cette machine ont lu des datagrammes.',
  'evidence.datagrams-read.none':
    'Pendant un nouvel appel de {endpoints}, aucun programme de cette machine n’a lu de datagramme.',
  'evidence.containers.none': "Aucun moteur de conteneurs (Docker, Podman) n'a de socket sur cette machine.",
  'evidence.containers.failed':
    "Le moteur de conteneurs[ à {sockets}] n'a pas pu être interrogé[ : cet utilisateur n'en a pas le droit ; root et les membres de son groupe l'ont{?denied}| : {detail}].",
  'evidence.containers.read':
    "{running} {running#conteneur tourne|conteneurs tournent} sur cette machine.[ Les ports demandés concernent {names}.| Aucun n'a affaire aux ports demandés.][ Un autre moteur, à {sockets}, n'a pas pu être interrogé : {detail}.]",
  'evidence.listeners.listening': '[{process}|Un programme] écoute sur {endpoints}[ à {address}].',
  'evidence.listeners.loopback-only':
    "[{process} n'écoute|Un programme n'écoute] sur {endpoints} qu'à [l'adresse de bouclage {address}|une adresse de bouclage].",
  'evidence.listeners.elsewhere-only':
    "[{process} n'écoute|Un programme n'écoute] sur {endpoints} que dans [{namespace}|un autre espace de noms réseau].",
  'evidence.listeners.none':
    "Rien n'écoute sur {endpoints}[ sur cette machine ni dans ses conteneurs{?all}| sur cette machine ; ses conteneurs n'ont pas pu être examinés].[ Une règle de cette machine envoie ce port ailleurs.{?redirected}]",
  'evidence.listeners.unknown': 'Ce système ne dit pas qui écoute sur {endpoints}.',
  'evidence.rule-sources.read':
    'Les règles du pare-feu de cette machine ont pu être lues.[ Au démarrage, elles peuvent être chargées par {boot}.][ Aussi présents, mais sans démarrage automatique connu : {other}.]',
  'evidence.rule-sources.not-permitted':
    "Les règles du pare-feu de cette machine n'ont pas été lues[ : {detail}].[ Au démarrage, elles peuvent être chargées par {boot}.][ Aussi présents, mais sans démarrage automatique connu : {other}.]",
  'evidence.rule-sources.not-available':
    "Les règles du pare-feu de cette machine n'ont pas pu être lues[ : {detail}].[ Au démarrage, elles peuvent être chargées par {boot}.][ Aussi présents, mais sans démarrage automatique connu : {other}.]",
  'evidence.rule-sources.unreadable':
    'Les règles du pare-feu de cette machine ont été affichées, mais sous une forme inconnue[ : {detail}].[ Au démarrage, elles peuvent être chargées par {boot}.][ Aussi présents, mais sans démarrage automatique connu : {other}.]',
  'evidence.host-rules.accept':
    'Les règles de cette machine laissent entrer les inconnus vers {endpoints}[ et les envoient vers {guest}].[ Mais le noyau ne transmet rien : {setting} est désactivé.][ Les réponses sont jetées : {answers}.][ Ce que le nœud lui-même envoie est jeté : {own}.]',
  'evidence.host-rules.drop':
    'Les règles de cette machine jettent ce que les inconnus envoient à {endpoints}[, qui devrait continuer vers {guest}][ : `{rule}` dans la chaîne {chain} de la table {table}].[ Le noyau ne transmettrait rien non plus : {setting} est désactivé.][ Les réponses sont jetées : {answers}.][ Ce que le nœud lui-même envoie est jeté : {own}.]',
  'evidence.host-rules.reject':
    'Les règles de cette machine refusent ce que les inconnus envoient à {endpoints}[, qui devrait continuer vers {guest}][ : `{rule}` dans la chaîne {chain} de la table {table}].[ Le noyau ne transmettrait rien non plus : {setting} est désactivé.][ Les réponses sont jetées : {answers}.][ Ce que le nœud lui-même envoie est jeté : {own}.]',
  'evidence.host-rules.unroutable':
    'Les règles de cette machine laissent entrer les inconnus vers {endpoints}, mais aucune route ne mène plus loin[ vers {guest}].[ Le noyau ne transmettrait rien non plus : {setting} est désactivé.][ Les réponses sont jetées : {answers}.][ Ce que le nœud lui-même envoie est jeté : {own}.]',
  'evidence.host-rules.unknown':
    "On n'a pas pu établir ce que les règles de cette machine font des paquets d'inconnus pour {endpoints}[ : cela dépend de `{expression}`][ dans la chaîne {chain} de la table {table}].[ Ils devraient continuer vers {guest}.][ Le noyau ne transmet rien : {setting} est désactivé.][ Les réponses sont jetées : {answers}.][ Ce que le nœud lui-même envoie est jeté : {own}.]",
  'evidence.vantage.answered':
    "L'observateur {name} répond en {family}[ en {rttMs} ms][ et voit cette machine comme {observed}].",
  'evidence.vantage.stun-answered':
    '{name} répond au STUN en {family}[, mais ne parle pas comme un observateur{?failed}].',
  'evidence.vantage.refused': "L'observateur {name} refuse la connexion en {family}.",
  'evidence.vantage.reset': "La connexion à l'observateur {name} en {family} a été rompue.",
  'evidence.vantage.timed-out': "L'observateur {name} ne répond pas en {family}.",
  'evidence.vantage.unreachable':
    "L'observateur {name} est injoignable en {family} : un appareil sur le chemin le dit.",
  'evidence.vantage.not-permitted': "Cette machine n'autorise pas de connexion à l'observateur {name} en {family}.",
  'evidence.vantage.not-a-vantage': '{name} accepte la connexion en {family}, mais ne parle pas comme un observateur.',
  'evidence.vantage.violated-protocol': "L'observateur {name} n'a pas respecté le protocole en {family}.",
  'evidence.vantage.name-not-found': "Le nom {name} n'a pas d'adresse {family}.",
  'evidence.vantage.stun-silent': '{name} ne répond pas au STUN en {family}.',
  'evidence.vantage.stun-error-answer': '{name} répond au STUN en {family} par une erreur.',
  'evidence.vantage.stun-garbage': '{name} répond en {family} par autre chose que du STUN.',
  'evidence.vantage.stun-send-not-permitted': "Cette machine n'autorise pas de paquets vers {name} en {family}.",
  'evidence.vantage.not-asked': "{name} n'a pas été interrogé en {family}.",
  'evidence.external-address': '{name} ({server}) voit {local} de cette machine comme {mapped}.',
  'evidence.external-address.same': '{name} ({server}) voit {local} de cette machine inchangé : rien ne traduit.',
  'evidence.dial-back.connected':
    "{name} a appelé {transport} {target}[ depuis {source}][, que cette machine a, ou aurait, déjà contactée{?contacted}] : connexion établie[ en {rttMs} ms][, et {greeting} a répondu].[ C'est un port d'administration du nœud{?admin}.| Personne n'y écoute{?vacant}.| Pour comparer, peerway tenait lui-même le port{?comparison}.]",
  'evidence.dial-back.answered':
    '{name} a envoyé {transport} à {target}[ depuis {source}][, que cette machine a, ou aurait, déjà contactée{?contacted}] : réponse reçue[ en {rttMs} ms][, de {greeting}].[ Pour comparer, peerway tenait lui-même le port{?comparison}.]',
  'evidence.dial-back.refused':
    "{name} a appelé {transport} {target}[ depuis {source}][, que cette machine a, ou aurait, déjà contactée{?contacted}] : refus.[ Les paquets ont atteint cette machine{?arrived}.| Les paquets n'ont pas atteint cette machine{?absent}.]",
  'evidence.dial-back.unreachable':
    "{name} a appelé {transport} {target}[ depuis {source}] : un appareil sur le chemin dit que c'est injoignable.",
  'evidence.dial-back.silent':
    "{name} a appelé {transport} {target}[ depuis {source}][, que cette machine a, ou aurait, déjà contactée{?contacted}], {attempts} fois : rien n'est revenu.[ Les paquets ont atteint cette machine et passé son pare-feu{?passed}.| Les paquets ont atteint cette machine, et son propre pare-feu les a jetés{?eaten}.| Les paquets ont atteint cette machine{?arrived}.| Les paquets n'ont pas atteint cette machine{?absent}.][ Pour comparer, peerway tenait lui-même le port{?comparison}.]",
  'evidence.dial-back.not-dialled': "{name} n'a pas appelé {transport} {port} en {family}[ : {refusal}].",
  'evidence.mapping.none': 'En {family}, rien ne traduit les adresses de cette machine.',
  'evidence.mapping.endpoint-independent':
    'En {family}, {local} a la même apparence pour tous les serveurs : {mapped}.',
  'evidence.mapping.address-dependent':
    'En {family}, {local} a une autre apparence pour chaque adresse de serveur : {mapped}.',
  'evidence.mapping.address-and-port-dependent':
    'En {family}, {local} a une autre apparence pour chaque adresse et chaque port de serveur : {mapped}.',
  'evidence.mapping.unknown':
    "En {family}, la traduction n'a pas pu être déterminée : [aucun serveur n'a répondu{?no-reply}|le serveur n'a qu'une adresse{?one-address}|le serveur n'a qu'un port{?one-port}|le serveur a répondu par une erreur{?error-answer}|le serveur ne fait pas ce qu'on lui demande{?change-request-ignored}|il n'y avait pas de serveur à interroger{?no-server}|cette machine ne l'autorise pas{?not-permitted}|les réponses se contredisent].",
  'evidence.filtering.endpoint-independent':
    "En {family}, les réponses entrent depuis n'importe quelle adresse et n'importe quel port.",
  'evidence.filtering.address-dependent':
    'En {family}, les réponses entrent depuis une adresse déjà contactée, quel que soit le port.',
  'evidence.filtering.address-and-port-dependent':
    'En {family}, les réponses entrent seulement depuis une adresse et un port déjà contactés.',
  'evidence.filtering.unknown':
    "En {family}, le filtrage n'a pas pu être déterminé : [aucun serveur n'a répondu{?no-reply}|le serveur n'a qu'une adresse{?one-address}|le serveur n'a qu'un port{?one-port}|le serveur a répondu par une erreur{?error-answer}|le serveur répond depuis l'endroit interrogé, malgré la demande{?change-request-ignored}|il n'y avait pas de serveur à interroger{?no-server}|cette machine ne l'autorise pas{?not-permitted}|cette machine a déjà parlé à l’autre adresse du serveur{?contacted-before}|les réponses se contredisent].",
  'evidence.hairpinning.yes':
    "En {family}, le routeur renvoie à l'intérieur ce que cette machine envoie à sa propre adresse externe[ {mapped}].",
  'evidence.hairpinning.no':
    "En {family}, le routeur ne renvoie pas à l'intérieur ce que cette machine envoie à sa propre adresse externe[ {mapped}].",
  'evidence.hairpinning.unknown':
    "En {family}, on ne sait pas si le routeur renvoie à l'intérieur ce que cette machine s'envoie à elle-même.",
  'evidence.port-preservation.yes': 'En {family}, le routeur garde le numéro de port[ : {pairs}].',
  'evidence.port-preservation.no': 'En {family}, le routeur change le numéro de port[ : {pairs}].',
  'evidence.port-preservation.unknown': 'En {family}, on ne sait pas si le routeur garde le numéro de port.',
  'evidence.outbound.answered': '{transport} vers {server} port {port} sort et reçoit une réponse.',
  'evidence.outbound.taken':
    "{transport} vers {server} port {port} reçoit une réponse, mais pas de là : rien n'y est arrivé.",
  'evidence.interception.nobody':
    "En {family}, les connexions vers {targets}, que personne n'a, sont acceptées[ ; réponse à la demande d'une page : {status} ({location})| ; réponse à la demande d'une page : {status}].",
  'evidence.interception.closed':
    "En {family}, les connexions vers {targets} sont acceptées, alors que l'observateur n'a pas ouvert ces ports.",
  'evidence.outbound.refused': '{transport} vers {server} port {port} sort et est refusé.',
  'evidence.outbound.unreachable':
    "{transport} vers {server} port {port} : un appareil sur le chemin dit que c'est injoignable.",
  'evidence.outbound.silent':
    "{transport} vers {server} port {port} : rien n'est revenu[, alors que quelqu'un y écoute{?listening}][, et rien n'y est arrivé{?lost}|, bien que cela y soit arrivé{?arrived}].",
  'evidence.outbound.not-permitted': "Cette machine n'autorise pas {transport} vers {server} port {port}.",
  'evidence.own-rules.accept': 'Les règles de cette machine laissent sortir {transport} vers {server} port {port}.',
  'evidence.own-rules.drop':
    'Les règles de cette machine jettent {transport} vers {server} port {port}[ : `{rule}` dans la chaîne {chain} de la table {table}].',
  'evidence.own-rules.reject':
    'Les règles de cette machine rejettent {transport} vers {server} port {port}[ : `{rule}` dans la chaîne {chain} de la table {table}].',
  'evidence.own-rules.unroutable': "Cette machine n'a pas de route pour {transport} vers {server} port {port}.",
  'evidence.own-rules.unknown':
    "On n'a pas pu dire ce que les règles de cette machine font de {transport} vers {server} port {port}[ : cela dépend de `{expression}`].",
  'evidence.client-rules.accept':
    "Les règles de cette machine transmettent ce qu'envoie {client} ({name}), client du nœud.",
  'evidence.client-rules.drop':
    "Les règles de cette machine jettent ce qu'envoie {client} ({name}), client du nœud, ou ce qui lui revient[ : `{rule}` dans la chaîne {chain} de la table {table}].[ Aucun client n'est là pour l'instant : voilà ce qui lui arriverait, avant que le nœud n'ajoute des règles pour lui{?absent}.]",
  'evidence.client-rules.reject':
    "Les règles de cette machine rejettent ce qu'envoie {client} ({name}), client du nœud, ou ce qui lui revient[ : `{rule}` dans la chaîne {chain} de la table {table}].[ Aucun client n'est là pour l'instant : voilà ce qui lui arriverait, avant que le nœud n'ajoute des règles pour lui{?absent}.]",
  'evidence.client-rules.unroutable':
    "Cette machine n'a pas de route pour ce qu'envoie {client} ({name}), client du nœud.",
  'evidence.client-rules.unknown':
    "On n'a pas pu dire ce que les règles de cette machine font de ce qu'envoie {client} ({name}), client du nœud[ : cela dépend de `{expression}`].",
  'evidence.protocol-exchange.host':
    "{protocol} adressé au port {transport} {port} de l'observateur {name} : arrivé dans {said} flux sur {saidTries} ; en réponse : entendu dans {heard} sur {heardTries} ; des octets de même forme mais sans signification sont passés dans {plain} sur {plainTries}.[ {resets} {resets#flux a été coupé|flux ont été coupés} par une réinitialisation qu'aucun des deux bouts n'a envoyée.][ Derrière d'autres octets du même flux, il est passé dans {later} sur {laterTries}.][ D'autres octets derrière lui sont passés dans {rest} sur {restTries}.]",
  'evidence.protocol-exchange.vantage':
    "{protocol} adressé par l'observateur {name} au port {transport} {port}, que peerway tenait ici : arrivé dans {said} flux sur {saidTries} ; en réponse : entendu là-bas dans {heard} sur {heardTries} ; des octets de même forme mais sans signification sont passés dans {plain} sur {plainTries}.[ {resets} {resets#flux a été coupé|flux ont été coupés} par une réinitialisation qu'aucun des deux bouts n'a envoyée.]",
  'evidence.protocol-answer.none':
    "Le nœud sur {endpoints} répond à {protocol} quand cette machine le parle, mais l'observateur {name} n'a entendu cette réponse dans aucun de ses {tries} essais.",
  'evidence.protocol-answer.some':
    "Le nœud sur {endpoints} répond à {protocol} quand cette machine le parle, et l'observateur {name} a entendu cette réponse dans {answered} de ses {tries} essais.",
  'evidence.protocol-rate':
    "Flux vers le port {transport} {port} de l'observateur {name}, en kbit/s aller et retour : commençant par {protocol} {spoken} ; y répondant {answered} ; commençant par des octets de même forme mais sans signification {plain}.",
  'evidence.filter-hop':
    'Les premiers octets de {protocol} vers le port {transport} {port}, avec un TTL qui finit en chemin,[ sont arrivés au saut {passed}| ne sont arrivés à aucun saut].[ Avec celui du saut {reset}, la connexion a été coupée.][ Des octets de même forme, sans signification, sont arrivés aussi au saut {stopped}.]',
  'evidence.flow-rules.pass':
    "Les règles de cette machine laissent passer ce que portent les flux vers le port {transport} {port}[ de cette machine{?here}| de l'observateur].",
  'evidence.flow-rules.unknown':
    "On n'a pas pu dire ce que les règles de cette machine font de ce que portent les flux vers le port {transport} {port}[ de cette machine{?here}| de l'observateur][ : cela dépend de `{expression}`].",
  'evidence.path-mtu':
    "Paquets vers l'observateur {name} en {family}[, selon leur taille en octets : {returned} ont fait l'aller et le retour| : aucun n'a fait l'aller et le retour][ ; pas ceux de {lost}][ ; cette machine n'a pas voulu envoyer d'un seul tenant ceux de {kept}].",
  'evidence.hops': 'Les premières étapes vers {toward} : {hops}.',
  'evidence.inbound-hops':
    "Les étapes de l'observateur {name} vers {toward} : {hops}.[ Jusqu'à cette machine elle-même, il y a {routers} {routers#routeur|routeurs}.]",
  'evidence.external-owner': 'Les étapes de cette machine vers sa propre adresse externe {toward} : {hops}.',
  'evidence.router-page.http': 'À {address} port {port}, étape {hop}, une page web répond.',
  'evidence.router-page.connected': 'À {address} port {port}, étape {hop}, quelque chose accepte les connexions.',
  'evidence.router-page.refused': '{address}, étape {hop}, refuse les connexions au port {port}.',
  'evidence.router-page.silent': '{address}, étape {hop}, ne répond pas sur le port {port}.',
  'evidence.router-page.unreachable': '{address}, étape {hop}, est injoignable sur le port {port}.',
  'evidence.router-control':
    "{name} a posé à {target}, de l'extérieur, les questions par lesquelles on ouvre des ports.[ {own} a répondu, comme le fait la passerelle {gateway} à l'intérieur.][ {others} a répondu, et rien ne montre que c'était le routeur.]",
  'evidence.gateways':
    "[Passerelles qui ouvrent des ports à la demande : {gateways} ; autres : {others}|Passerelles qui ouvrent des ports à la demande : {gateways}|Aucune passerelle n'a dit ouvrir des ports à la demande : {others}].[ Redirections dans la table : {mappings}.][ Indiqué pour UPnP, et non suivi : {refused}.][ Sans adresse extérieure, de leur propre aveu (comme souvent quand elle est privée) : {none}.]",
  'evidence.outer-gateways':
    'Des routeurs plus lointains ont été interrogés aussi : {asked}.[ Ouvrent des ports à la demande : {gateways}.][ Les paquets de cette machine arrivent à {translated} depuis une autre adresse que la sienne : un équipement placé avant traduit.][ Sans adresse extérieure, de leur propre aveu : {none}.]',
  'evidence.idle-flows':
    "Flux UDP vers {server} laissés inactifs : {flows}. Sans que rien n'entretienne le chemin, ils étaient encore connus après [{lived} s|aucune durée][, et oubliés après {died} s].",
  'evidence.idle-tcp':
    "Connexions TCP vers {server} sur lesquelles rien n'était dit : ce que l'observateur a dit[ après {lived} s est arrivé| n'est arrivé après aucun délai][, et ce qu'il a dit jusqu'à {died} s n'est pas arrivé].",
  'evidence.internet':
    "{answered} {answered#serveur|serveurs} sur {asked} à l'extérieur {answered#a|ont} répondu[ : {names}].",

  'evidence.node.answered':
    "Le nœud est {kind}[ {version}][, dans le conteneur {container}|, le programme {process}]. Interrogé[ à {asked}], il dit que les inconnus doivent pouvoir joindre {ports}.[ Ports d'administration ouverts à d'autres que cette machine : {admin}.][ Trouvé ici aussi : {others}.]",
  'evidence.node.refused':
    "Le nœud est {kind}[, dans le conteneur {container}|, le programme {process}]. Il ne répond pas à qui ne s'identifie pas[ ; les inconnus doivent pouvoir joindre {ports}].[ Ports d'administration ouverts à d'autres que cette machine : {admin}.][ Trouvé ici aussi : {others}.]",
  'evidence.node.silent':
    "Le nœud est {kind}[, dans le conteneur {container}|, le programme {process}]. Il ne répond pas aux questions[ ; les inconnus doivent pouvoir joindre {ports}].[ Ports d'administration ouverts à d'autres que cette machine : {admin}.][ Trouvé ici aussi : {others}.]",
  'evidence.node.unreadable':
    "Le nœud est {kind}[, dans le conteneur {container}|, le programme {process}]. Ses réponses sont illisibles[ ; les inconnus doivent pouvoir joindre {ports}].[ Ports d'administration ouverts à d'autres que cette machine : {admin}.][ Trouvé ici aussi : {others}.]",
  'evidence.node.not-permitted':
    "Le nœud est {kind}[, dans le conteneur {container}|, le programme {process}]. Cette machine ne permet pas de l'interroger[ ; les inconnus doivent pouvoir joindre {ports}].[ Ports d'administration ouverts à d'autres que cette machine : {admin}.][ Trouvé ici aussi : {others}.]",
  'evidence.node.not-asked':
    "[Aucun {kind} n'a été vu sur cette machine ; les inconnus doivent pouvoir joindre {ports}, comme pour tout nœud de ce genre{?unseen}|Aucun {kind} n'a été vu sur cette machine{?unseen}|Le nœud est {kind}, dans le conteneur {container} ; les inconnus doivent pouvoir joindre {ports}|Le nœud est {kind}, le programme {process} ; les inconnus doivent pouvoir joindre {ports}|Le nœud est {kind} ; les inconnus doivent pouvoir joindre {ports}|Le nœud est {kind}].[ Ports d'administration ouverts à d'autres que cette machine : {admin}.][ Trouvé ici aussi : {others}.]",
  'evidence.node-addresses':
    "Le nœud [dit à ses pairs d'appeler {announced}|ne dit aucune adresse à ses pairs].[ Ses réglages lui font annoncer {configured}.]",
  'evidence.node-peers.api':
    "Le nœud[, dans sa moitié {part},] a {peers} {peers#pair|pairs}[, dont {inbound} {inbound#l'a appelé|l'ont appelé}][, {outside} d'entre eux depuis Internet][ ; d'ordinaire il y en a de {min} à {max}].",
  'evidence.node-peers.metrics':
    "D'après ses métriques, le nœud[, dans sa moitié {part},] a {peers} {peers#pair|pairs}[, dont {inbound} {inbound#l'a appelé|l'ont appelé}][ ; d'ordinaire il y en a de {min} à {max}].",
  'evidence.node-peers.log':
    "D'après son journal, le nœud[, dans sa moitié {part},] a {peers} {peers#pair|pairs}[ ; d'ordinaire il y en a de {min} à {max}].",
  'opinion.monitoring': "d'après la surveillance du réseau : {status}",
  'opinion.clients': '{successful} {successful#client connecté|clients connectés} sur {attempted}',
  'opinion.log-all-reachable': "d'après son journal, tous les ports sont joignables",
  'opinion.log-upnp-unreachable': "d'après son journal, les ports ouverts par UPnP ne sont pas joignables",
  'opinion.log-manual-unreachable': "d'après son journal, les ports ne sont pas joignables tels quels",
  'opinion.self-test': "d'après son propre test de son ORPort",
  'evidence.node-opinion.yes': 'Le nœud lui-même se croit joignable[ en {transport}][ et en {family}] ({words}).',
  'evidence.node-opinion.no': 'Le nœud lui-même se croit injoignable[ en {transport}][ et en {family}] ({words}).',
  'evidence.node-opinion.unknown':
    "Le nœud lui-même ne sait pas s'il est joignable[ en {transport}][ et en {family}] ({words}).",

  // ------------------------------------------------------------------------------------------ peerway letter
  'letter.subject.carrier-nat': "Objet : demande d'une adresse IPv4 publique",
  'letter.subject.double-nat': 'Objet : demande de passage en mode pont (bridge)',
  'letter.subject.provider-blocks-inbound-port': 'Objet : connexions entrantes bloquées[ : {endpoints}]',
  'letter.subject.provider-blocks-inbound-udp': 'Objet : UDP entrant bloqué sur ma ligne',
  'letter.subject.provider-blocks-inbound-tcp': 'Objet : TCP entrant bloqué sur ma ligne',
  'letter.subject.provider-blocks-outbound-udp': 'Objet : UDP sortant bloqué sur ma ligne',
  'letter.subject.provider-blocks-outbound-port': 'Objet : ports bloqués en sortie sur ma ligne',
  'letter.subject.provider-filters-protocol': 'Objet : protocole filtré sur ma ligne',
  'letter.subject.several': 'Objet : connexions bloquées sur ma ligne',
  'letter.salutation': 'Madame, Monsieur,',
  'letter.purpose':
    "Sur ma ligne fonctionne un programme que les autres participants de son réseau doivent pouvoir joindre de l'extérieur[, sur {endpoints}]. Ils n'y parviennent pas actuellement, et [mes mesures laissent penser{?likely}|mes mesures montrent] qu'une cause se trouve au-delà de mon propre équipement.",
  'letter.purpose-outbound':
    'Sur ma ligne fonctionne un programme qui échange des données avec les autres participants de son réseau. Il ne peut pas tous les joindre, et mes mesures montrent que la cause se trouve au-delà de mon propre équipement.',
  'letter.likely': "Voici ce que mes mesures laissent penser ; je vous prie de vérifier s'il en est bien ainsi.",
  'letter.found.carrier-nat':
    "Ma ligne partage [l'adresse IPv4 publique {external}|une adresse IPv4 publique] avec d'autres abonnés (CGNAT)[ ; la traduction se fait à {address}]. Les connexions venues de l'extérieur s'y arrêtent, et aucun réglage de mon routeur n'y change rien.",
  'letter.found.double-nat':
    "Au-delà de mon routeur, un second routeur[ ({address})] traduit lui aussi les adresses. Les connexions venues de l'extérieur vers [{external}|mon adresse publique] s'y arrêtent.",
  'letter.found.provider-blocks-inbound-port':
    "Ce qui est envoyé de l'extérieur vers [{endpoints}|mon port] n'arrive pas, alors que d'autres ports de la même ligne sont joignables. Ni ma machine ni mon routeur n'en sont la cause.",
  'letter.found.provider-blocks-inbound-udp':
    "Rien de ce qui est envoyé de l'extérieur en UDP n'arrive, ni sur [{endpoints}|mon port], ni sur un autre port mis à l'essai. Ma machine n'en est pas la cause.",
  'letter.found.provider-blocks-inbound-tcp':
    "Aucune connexion TCP venue de l'extérieur n'arrive, ni sur [{endpoints}|mon port], ni sur un autre port mis à l'essai. Ma machine n'en est pas la cause.",
  'letter.found.provider-blocks-outbound-udp':
    "Aucune réponse ne revient à ce que ma ligne envoie en UDP, alors que le TCP passe. Ma machine n'en est pas la cause.",
  'letter.found.provider-blocks-outbound-port':
    "Certains ports ne peuvent pas être joints depuis ma ligne[ : {ports}]. Ma machine n'en est pas la cause.",
  'letter.found.provider-filters-protocol':
    'Sur [{endpoints}|mon port], des octets quelconques passent, mais pas [le protocole {protocol}|le protocole de mon programme] : il est reconnu et arrêté en chemin.',
  'letter.measured': 'Mesures du {time} :',
  'letter.fact.external': "Mon adresse publique, vue de l'extérieur : {addresses}.",
  'letter.fact.hop': "{address} est l'étape {hop} du chemin sortant, comptée depuis ma machine.",
  'letter.dial.connected': '{transport}[ depuis {source}] vers {target} : connexion établie.',
  'letter.dial.answered': '{transport}[ depuis {source}] vers {target} : réponse reçue.',
  'letter.dial.refused':
    "{transport}[ depuis {source}] vers {target} : refus[, et rien n'en est arrivé à ma machine{?absent}].",
  'letter.dial.unreachable':
    "{transport}[ depuis {source}] vers {target} : signalé comme injoignable[, et rien n'en est arrivé à ma machine{?absent}].",
  'letter.dial.silent':
    "{transport}[ depuis {source}] vers {target}, {attempts} fois : aucune réponse[, et rien n'en est arrivé à ma machine{?absent}].",
  'letter.method':
    'Ces mesures ont été faites avec peerway {version} : une machine située ailleurs sur Internet a appelé ma ligne comme le ferait un inconnu, pendant que la mienne observait ce qui arrivait. Je vous en transmettrai volontiers le relevé complet.',
  'letter.method-from-inside':
    'Ces mesures ont été faites avec peerway {version} depuis mon côté de la ligne. Je vous en transmettrai volontiers le relevé complet.',
  'letter.request': 'Ma demande :',
  'letter.requests': 'Mes demandes :',
  'letter.ask.carrier-nat':
    "Veuillez attribuer à ma ligne une adresse IPv4 publique qu'elle ne partage pas avec d'autres abonnés. Il n'est pas nécessaire qu'elle soit fixe.",
  'letter.ask.double-nat':
    "Si ce second routeur[ ({address})] est la box que vous m'avez fournie, veuillez la passer en mode pont (bridge), ou m'indiquer comment le faire. S'il se trouve dans votre réseau, veuillez attribuer à ma ligne une adresse IPv4 publique qu'elle ne partage pas.",
  'letter.ask.provider-blocks-inbound-port':
    "Veuillez laisser passer [{endpoints}|ce port] de l'extérieur vers ma ligne.",
  'letter.ask.provider-blocks-inbound-udp':
    "Veuillez laisser passer l'UDP de l'extérieur vers ma ligne[, au moins vers {endpoints}].",
  'letter.ask.provider-blocks-inbound-tcp':
    "Veuillez laisser passer le TCP de l'extérieur vers ma ligne[, au moins vers {endpoints}].",
  'letter.ask.provider-blocks-outbound-udp': "Veuillez laisser sortir l'UDP de ma ligne.",
  'letter.ask.provider-blocks-outbound-port': 'Veuillez laisser ma ligne joindre les ports bloqués[ : {ports}].',
  'letter.ask.provider-filters-protocol':
    "Veuillez cesser de filtrer [le protocole {protocol}|ce protocole] sur ma ligne, et m'indiquer à quel titre il est filtré.",
  'letter.otherwise':
    "Si cela dépend d'un réglage de mon espace client ou d'une autre offre, merci de m'indiquer lequel ou laquelle, et à quel prix. Si cela n'est pas possible, merci de m'en donner la raison.",
  'letter.own-side': "Ce qui, par ailleurs, bloque de mon côté, je m'en occupe moi-même.",
  'letter.closing': "Veuillez agréer, Madame, Monsieur, l'expression de mes salutations distinguées.",
  'letter.name': 'Nom :',
  'letter.customer-number': 'Numéro de client :',
  'letter.line': 'Numéro de ligne ou de téléphone :',
  'letter.none':
    "Il n'y a rien à écrire au fournisseur d'accès : rien de ce qui a été trouvé ne dépend de lui. `peerway check` dit ce qui bloque.",
  'letter.none-reachable': "Il n'y a rien à écrire au fournisseur d'accès : les inconnus entrent.",
  'letter.none-unknown':
    "Il n'y a encore rien à écrire au fournisseur d'accès : on ne sait pas ce qui arrête les inconnus, ni même si quelque chose les arrête. `peerway check` dit ce qui permettrait de le savoir.",

  // ------------------------------------------------------------------------------------------ peerway explain
  'explain.here': 'Ici, lors de la vérification du {time} :',
  'explain.not-here': "La vérification du {time} ne l'a pas trouvé ici.",
  'explain.not-proposed': "Après la vérification du {time}, il n'a pas été proposé ici.",
  'explain.no-check': 'Après un `peerway check`, ce qui a été trouvé sur cette machine figure ici aussi.',
  'explain.lifetime':
    'Ici, une conversation UDP sans paquets est oubliée au bout de {seconds} {seconds#seconde|secondes}.',
  'explain.caveat': 'Elle vaut pour {endpoints}.',

  // ------------------------------------------------------------------------------------------ réparation
  'heading.plan': 'Ce qui serait changé',
  'heading.changes': 'Ce qui a été changé',
  'change.nft-rule': 'nftables, table {table}, chaîne {chain}, [avant la règle « {before} »|à sa fin] : {rule}',
  'change.iptables-rule': '{program}, table {table}, chaîne {chain}, [avant la règle « {before} »|à sa fin] : {rule}',
  'change.ufw-rule': 'ufw {rule}[, avant la règle « {before} »]',
  'change.firewalld-port-runtime': 'firewalld ouvre {port} dans la zone {zone}',
  'change.firewalld-port-permanent': 'firewalld ouvre {port} dans la zone {zone} après un redémarrage aussi',
  'change.sysctl': 'le réglage du noyau {name} devient {to} (il était {from})',
  'change.file': 'le fichier {path} est modifié, pour que ce qui précède survive à un redémarrage',
  'change.file-made': 'le fichier {path} est créé, pour que ce qui précède survive à un redémarrage',
  'change.port-mapping':
    "on demande par {protocol} au routeur {address} d'envoyer le port {transport} {port} vers {internal}[, pour {hours} {hours#heure|heures}|, jusqu'à suppression]",
  'change.node-setting':
    'le réglage {key} du nœud ({kind}) devient {to} (il était {from}) ; le nœud le lit à son prochain démarrage',
  'change.node-value':
    "le réglage {key} du nœud ({kind}) devient {to} ([il était {from}|il n'était pas fixé]) ; le nœud le lit à son prochain démarrage",
  'text.expires': 'Cela prend fin de soi-même à {time} ; relancez `peerway fix` avant.',
  'text.take-back': 'Pour tout annuler : `{command}`',
  'fix.ask': 'Faut-il le faire ? (o/N)',
  'undo.nothing': "Il n'y a rien à annuler.",

  // ------------------------------------------------------------------------------------------ ce qui est demandé
  'progress-left': '{what} (encore {seconds} s)',

  // ------------------------------------------------------------------------------------------ ce que disent d'autres commandes
  'cli.no-state': "note : rien n'est retenu entre deux exécutions, car on ne peut pas écrire dans {folder} ({errno})",
  'vantage.listening': "à l'écoute sur {address}, [ports {port} et {other}|port {port}]",
  'vantage.ready': 'prêt ; la personne que vous aidez tape : {command}',
  'vantage.token-short': "un jeton de moins de {characters} caractères peut être deviné à partir d'une autorisation",
  'sim.title': 'Simulation : {title} (graine {seed})',
  'laboratory.usage': 'lab attend up, down, list ou run, et un fichier',
  'laboratory.usage-extra': "lab {verb} n'attend rien après le fichier, et surtout pas « {extra} »",
  'laboratory.usage-run': 'lab run attend une machine, puis --, puis une commande',
  'laboratory.is-up': '{lab} est monté, après {elapsedMs} ms',
  'laboratory.up-already': '{lab} est déjà monté',
  'laboratory.is-down': '{lab} est démonté',
  'laboratory.not-up': "{lab} n'est pas monté",
  'laboratory.state.up': 'monté',
  'laboratory.state.unfinished': 'inachevé',
  'laboratory.state.left-behind': 'abandonné',
} as const satisfies Record<string, string>

/**
 * Every sentence in French; the same ids as the English ones, which the type holds, and the same parameters, which a
 * test holds. Plain spaces stand before `: ; ? ! %` and inside « »; `frGrammar.typeset` makes them unbreakable.
 */
export const fr: Readonly<Record<keyof typeof en, string>> = oneCatalogue(sentences, errorsFr, watchFr, pageFr)
