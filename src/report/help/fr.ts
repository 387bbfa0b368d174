import type { HelpTopic } from './en.ts'

/** The same in French; a test holds that it names the same options. */
export const frHelp: Readonly<Record<HelpTopic, string>> = {
  check: `Les inconnus peuvent-ils joindre les ports de cette machine et, sinon, où
sont-ils arrêtés ?

Usage : peerway [check] [OPTION ...]

  --port PORT        un port que les inconnus doivent joindre : udp/4001,
                     tcp/4001, ou 4001 pour les deux ; peut être répété
  --node KIND        le genre de nœud qui tourne ici ; sans --port, ses ports
                     habituels sont vérifiés. Un genre à vous est un fichier,
                     KIND.yaml : voir docs/own-nodes.md
  --announce MADDR   ce qu'un nœud libp2p dit à ses pairs d'appeler, comme
                     /ip4/203.0.113.7/tcp/4001 ; peut être répété
  --vantage SERVER   quelqu'un à l'extérieur qui appelle cette machine : HOST,
                     HOST:PORT ou [IPV6]:PORT (port 3478 par défaut) ; peut être
                     répété. Sans aucun, rien ne peut être prouvé
  --deep             prend des minutes : compte aussi les boîtes qui
                     retiennent les flux UDP, et essaie les protocoles
                     d'autres nœuds
  --redact           adresses et noms remplacés, pour être publié sur un forum
  --json             le rapport en JSON (schéma peerway.report/1)
  --html FILE        aussi comme page dans un seul fichier, avec le chemin en
                     image, à envoyer à qui vous aide
  --lang en|fr       la langue du rapport

Code de sortie : 0 joignable, 1 pas entièrement, 3 indéterminé, 2 mauvais usage
ou erreur. En root, il en voit plus : quel programme écoute, et ce que jette le
pare-feu de la machine. Les réglages viennent aussi de PEERWAY_PORT,
PEERWAY_NODE, PEERWAY_VANTAGE et PEERWAY_LANG, ainsi que de
~/.config/peerway/config.yaml ou de /etc/peerway/config.yaml.
`,

  fix: `Vérifie, puis fait le plus petit changement qui laisse entrer les inconnus.

Usage : peerway fix [OPTION ...]

  les options de « peerway check » sauf --html, et :
  --dry-run          dire ce qui serait changé, et ne rien changer
  --yes              ne pas demander ; UPnP sert aussi, faute de mieux
  --only REMEDY      ce remède et aucun autre ; peut être répété (« peerway
                     explain » en donne la liste)

Ce qui change est d'abord montré, noté avant d'être fait, et prouvé par un essai
de l'extérieur. Ce qui n'a pas servi est annulé aussitôt ; le reste quand vous
voulez, par « peerway undo --all ».

Code de sortie : celui de check, d'après ce qui a été mesuré après le
changement ; 1 aussi tant que demeure quelque chose qu'il devait supprimer.
`,

  undo: `Annule exactement ce que « peerway fix » a changé, et rien d'autre.

Usage : peerway undo --all
        peerway undo CHANGE ...

  --all          tous les changements qui ne sont pas encore annulés
  CHANGE         l'identifiant d'un changement, tel que fix et la liste
                 ci-dessous le nomment ; sans lui ni --all, les changements sont
                 listés et rien n'est fait
  --lang en|fr   la langue de ce qui est dit

Code de sortie : 0 tout est comme avant, 1 il reste quelque chose (il dit quoi),
2 une erreur. N'a pas besoin d'observateur.
`,

  history: `Affiche ce que peerway watch a remarqué et fait : quand les inconnus
entraient et quand ils n'entraient plus, ce qui a été ouvert, renouvelé, perdu,
et pourquoi.

Usage : peerway history [OPTION ...]

  --since TIME           à partir de là : il y a 7d (jours), 12h ou 90m, ou un
                         moment comme 2026-11-21T10:00:00Z (une semaine)
  --until TIME           jusque-là (maintenant)
  --limit N              les plus récents, en ce nombre (10000)
  --json                 un document JSON, comme /api/history du serveur
  --export jsonl|csv     pour les programmes : une ligne par événement, depuis
                         le début
  --measured             avec --export : plutôt ce qui a été mesuré, comme les
                         allers-retours et les pairs ; les mesures anciennes
                         sont réunies par heure, puis par jour
  --lang en|fr           la langue de ce qui est dit

Les heures sont en UTC. La commande lit le fichier history.db du dossier d'état,
que tout programme qui connaît SQLite peut lire aussi, même pendant la
surveillance.

Code de sortie : 0, ou 2 pour une erreur.
`,

  service: `Fait lancer peerway watch par systemd, maintenant et à chaque démarrage de la
machine, en root mais avec peu de ce que root peut.

Usage : peerway service install [OPTION de watch ...] [--dry-run]
        peerway service remove

  --dry-run      afficher l'unité, et ne rien changer
  --lang en|fr   la langue de ce qui est dit

Les options de « peerway watch » vont dans l'unité ; ce qui est dans le fichier
de réglages /etc/peerway/config.yaml n'a pas à y être, et les secrets ont leur
place là. Pour les changer, installez de nouveau. Pour les conteneurs, voir
deploy/ dans le paquet.

Code de sortie : 0, ou 2 pour une erreur.
`,

  watch: `Garde le passage ouvert : renouvelle ce qui a été demandé aux routeurs, mesure
de nouveau quand quelque chose change, et montre l'état des choses sur une page.
Tourne jusqu'à ce qu'on l'arrête.

Usage : peerway watch [OPTION ...]

  les options de « peerway check » sauf --json et --html, et :
  --listen ADDRESS:PORT   où la page et /metrics sont servies (127.0.0.1:9788) ;
                          hors de la boucle locale, rien sans le jeton
  --alert-webhook URL     où poster une alerte en JSON quand les inconnus
                          n'entrent plus, ou entrent de nouveau (docs/watch.md)
  --alert-command PROGRAM ce qui est lancé alors, avec l'alerte en entrée
  --alert-email ADDRESS   qui reçoit alors un courriel, par le sendmail local

Il demande de lui-même aux routeurs d'ouvrir les ports, pour deux heures à la
fois, et les rend quand il se termine. Les autres changements attendent
« peerway fix », ou le bouton de la page, qui veut le jeton du fichier
watch-token dans le dossier d'état.

Code de sortie : 0 s'il a été arrêté, 2 pour une erreur.
`,

  vantage: `Aide les autres depuis ici : dit aux nœuds comment ils sont vus de l'extérieur,
et les appelle comme le ferait un inconnu. Aussi serveur STUN (RFC 8489, RFC
5780). Tourne jusqu'à ce qu'on l'arrête.

Usage : peerway vantage [OPTION ...]

  --address PUBLIC[=BIND]   une adresse à servir ; BIND est celle de cette
                            machine si PUBLIC est traduite une pour une ; peut
                            être répété. Sans elle, toutes les adresses globales
  --alternate-address PUBLIC[=BIND]
                            la seconde adresse de la RFC 5780 ; les appels en
                            viennent
  --port PORT               le port UDP et TCP (3478)
  --token TOKEN             un secret partagé avec d'autres observateurs, qui
                            appellent alors les uns pour les autres ; mieux vaut
                            PEERWAY_TOKEN, car les autres utilisateurs de cette
                            machine voient les lignes de commande

Il n'appelle que ceux qui l'ont demandé, et ne garde rien sur personne.
`,

  sim: `Simule le petit Internet que décrit un fichier de topologie, et y fait une
vérification.

Usage : peerway sim [TOPOLOGY.yaml] [--trace] [--seed N] [--pcap FILE]
                    [-- check ...]

  TOPOLOGY.yaml  docs/topologies.md ; sans lui, un réseau domestique derrière un
                 routeur
  --trace        dire sur la sortie d'erreur ce que chaque paquet rencontre à
                 chaque étape
  --seed N       la graine de tout hasard, 1 par défaut : même graine, mêmes
                 paquets aux mêmes instants
  --pcap FILE    écrire tous les paquets de tous les réseaux dans un fichier
                 pour Wireshark
  -- check ...   la vérification à faire, avec les options de « peerway
                 check » ; sans elle, celle que le fichier nomme

N'a besoin ni de root, ni de réseau, ni de Linux. Attendre ne prend pas de
temps.
`,

  lab: `Usage : peerway lab up   TOPOLOGY.yaml
        peerway lab down TOPOLOGY.yaml
        peerway lab list [TOPOLOGY.yaml]
        peerway lab run  TOPOLOGY.yaml HOST -- COMMAND [ARGUMENT ...]

Construit le petit Internet que décrit TOPOLOGY.yaml avec des espaces de noms
réseau de cette machine (docs/topologies.md). « run » lance une commande dans
l'une de ses machines et rend son code de sortie ; il monte d'abord le labo et
le démonte ensuite, s'il n'était pas déjà monté. Demande Linux et root. Rien ne
sort de la machine.
`,

  explain: `Ce que veut dire un mot du rapport, et ce que la dernière vérification en a
trouvé ici.

Usage : peerway explain [--lang en|fr] [OBSTACLE|WARNING|REMEDY|CAVEAT|TERM]

Sans mot, la liste de tous.
`,

  letter: `Vérifie, et écrit au fournisseur d'accès ce que lui seul peut changer.

Usage : peerway letter [OPTION ...]

  les options de « peerway check », sauf --json et --html

La lettre va sur la sortie standard, prête à être envoyée, avec ce qui a été
mesuré et la demande de ce qu'il faut exactement : une adresse publique, pas de
filtre sur ces ports, ou le mode pont. Ajoutez votre nom et votre numéro de
client. Si rien ne dépend du fournisseur, il le dit sur la sortie d'erreur et
n'écrit pas de lettre.

Code de sortie : 0 une lettre, 1 rien à demander au fournisseur, 3 indéterminé,
2 mauvais usage ou erreur.
`,

  main: `peerway trouve le seul endroit où les inconnus sont arrêtés en route vers votre
nœud pair à pair, et le prouve.

Usage : peerway [check] [--port PORT ...] [--node KIND] [--vantage SERVER ...]
        peerway fix     [OPTION de check ...] [--dry-run] [--yes]
                        [--only REMEDY]
        peerway undo    --all|CHANGE ...
        peerway letter  [OPTION de check ...]
        peerway watch   [OPTION de check ...] [--listen ADDRESS:PORT]
        peerway service install|remove [OPTION de watch ...]
        peerway history [--since TIME] [--json] [--export jsonl|csv]
        peerway vantage [--address ADDRESS ...]
        peerway lab     up|down|list TOPOLOGY.yaml
        peerway lab     run TOPOLOGY.yaml HOST -- COMMAND
        peerway sim     [TOPOLOGY.yaml] [OPTION ...] [-- check ...]
        peerway explain OBSTACLE|REMEDY|TERM

  check      les inconnus peuvent-ils joindre les ports de cette machine et,
             sinon, où sont-ils arrêtés ? Ce qui est lancé sans commande
  fix        vérifier, et faire le plus petit changement qui laisse entrer les
             inconnus
  undo       annuler ce que fix a changé
  letter     vérifier, et écrire au fournisseur d'accès ce que lui seul peut
             changer
  watch      garder le passage ouvert, des semaines durant, et montrer l'état
             des choses sur une page
  service    faire lancer la surveillance par systemd
  history    ce que la surveillance a remarqué et fait, et quand
  vantage    aider les autres depuis ici : dire aux nœuds comment ils sont vus
             de l'extérieur, et les appeler comme le ferait un inconnu
  lab        construire un petit Internet avec des espaces de noms réseau, et y
             lancer n'importe quelle commande
  sim        le même Internet simulé, sans root ni réseau : seul, une maison
             avec son routeur, et tout le diagnostic en une seconde
  explain    ce que veut dire un mot du rapport

  --version  afficher la version
  --help     ce texte ; après une commande, ses options
`,
}
