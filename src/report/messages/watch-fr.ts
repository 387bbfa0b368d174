import type { watchEn } from './watch-en.ts'

/** Ce que disent `peerway watch`, et son historique, en français. */
export const watchFr: Readonly<Record<keyof typeof watchEn, string>> = {
  'watch.started': 'La surveillance commence.',
  'watch.stopped': 'La surveillance est terminée.',
  'watch.clock-jumped':
    "L'horloge de cette machine a sauté de {seconds} {seconds#seconde|secondes} : elle dormait, ou l'heure a été réglée. Tout est mesuré de nouveau.",
  'watch.address-changed': 'Les adresses de cette machine ont changé[ : elle émet désormais depuis {address}].',
  'watch.outside-address-changed': "L'adresse vue de l'extérieur a changé[, de {from}][ à {external}].",
  'watch.router-forgot':
    'Le routeur[ {address}] a oublié ce qui lui avait été demandé ; il a sans doute redémarré. On le lui redemande.',
  'watch.flow-lifetime':
    "Une conversation UDP sans paquets vit {seconds} {seconds#seconde|secondes} en chemin. Un paquet toutes les {every} {every#seconde|secondes} l'entretient, qu'il vienne d'un nœud ou de la surveillance.",
  'watch.flow-forgotten':
    'Une conversation qui était entretenue est devenue une autre au dehors : quelque chose en chemin, sans doute le routeur, a redémarré. Tout est mesuré à nouveau.',
  'watch.router-silent': "Le routeur[ {address}] ne répond plus quand on l'interroge sur les ports ouverts.",
  'watch.router-back': 'Le routeur[ {address}] répond de nouveau.',
  'watch.mapping-made':
    "Le routeur[ {address}] transmet désormais {transport} de[ {external}|l'adresse extérieure] vers {internal}, comme on le lui a demandé.",
  'watch.mapping-moved':
    "Le routeur[ {address}] reçoit désormais {transport} pour {internal} sur {external}[ ; auparavant, c'était {from}]. C'est la nouvelle adresse que les pairs doivent appeler.",
  'watch.mapping-restored': 'Le routeur[ {address}] a rouvert {transport} pour {internal}, sur {external}.',
  'watch.mapping-refused':
    'Le routeur[ {address}] refuse de garder {transport} ouvert pour {internal} sur {external}[ : {why}].',
  'watch.mapping-ended': 'Le routeur[ {address}] ne garde plus {transport} ouvert pour {internal} sur {external}.',
  'watch.mapping-released':
    "Le routeur[ {address}] a été prévenu que {transport} pour {internal} sur {external} n'est plus nécessaire, car plus personne ne le renouvelle.",
  'watch.mapping-dropped':
    "Quelqu'un a annulé la modification {change}. On ne redemandera rien au routeur sans votre accord.",
  'watch.rule-gone':
    "La modification {change} de cette machine n'est plus là : quelqu'un l'a retirée, ou les règles ont été rechargées.",
  'watch.rule-restored': 'La modification {change} de cette machine, perdue au redémarrage, a été refaite.',
  'watch.node-gone': "Plus rien n'écoute sur {endpoints} : le nœud s'est arrêté.",
  'watch.node-back': 'Un programme écoute de nouveau sur {endpoints}.',
  'watch.node-restarted': 'Le nœud sur {endpoints} a redémarré.',
  'watch.reachable': 'Les inconnus parviennent à {endpoints}.',
  'watch.unreachable': 'Les inconnus ne parviennent pas à {endpoints}.',
  'watch.lost': 'Les inconnus ne parviennent plus à {endpoints}.',
  'watch.back': 'Les inconnus parviennent de nouveau à {endpoints}.',
  'watch.vantage-silent':
    "Personne ne répond à l'extérieur : on ne sait pas, pour l'instant, si les inconnus parviennent au nœud.",
  'watch.vantage-back': "Quelqu'un répond de nouveau à l'extérieur.",
  'watch.change-made': 'Modifié (annulation : {change})[ : {what}].',
  'watch.change-useless': "[{what} : {how}|La modification {change} n'a rien apporté.]",
  'watch.change-undone': '[{what} : {how}|La modification {change} a été annulée.]',
  'watch.alert-sent': 'Une alerte a été envoyée ({channel}).',
  'watch.alert-failed': "Une alerte n'a pas pu être envoyée ({channel})[ : {why}].",
  'watch.trouble': "Quelque chose n'a pas pu être fait : {why}",
  'service.installed':
    'La surveillance tourne en service, maintenant et à chaque démarrage de cette machine ({path}). `systemctl status {unit}` et `peerway history` disent où elle en est.',
  'service.removed':
    "Le service n'est plus là ({path}) et a rendu les redirections qu'il avait obtenues. Son historique et le journal restent.",
  'service.not-there': "Il n'y a pas de service à retirer : {path} n'existe pas.",
  'service.not-roots':
    "peerway : note : root lance désormais {path}, que d'autres que root peuvent modifier. Mieux vaut installer peerway pour tous les utilisateurs.",
  'alert.lost': 'Les inconnus ne parviennent plus à {endpoints} sur {host}.',
  'alert.back': 'Les inconnus parviennent de nouveau à {endpoints} sur {host}.',
  'alert.look':
    'Ce que vous pouvez faire est indiqué sur la page de la surveillance et dans le rapport de peerway check.',
  'watch.page': 'peerway veille ; sa page : {url}',
  'watch.token': 'Avant tout changement, la page demande un jeton : il se trouve dans {path}.',
  'watch.no-history':
    "L'historique disparaîtra avec ce programme, car sa base de données ne peut pas être ouverte : {why}",
  'watch.old-history':
    "La base de données de l'historique était endommagée. Elle est conservée sous {path}, et une nouvelle a été commencée.",
  'watch.nothing-happened': "Il ne s'est rien passé pendant ce temps.",
  'watch.not-measured': "Rien n'a encore été mesuré.",
  'watch.api-wrong-host': "Ce serveur n'est pas connu sous ce nom.",
  'watch.api-cross-site': "Un autre site n'a pas le droit de demander cela.",
  'watch.api-token-wanted': 'Il faut pour cela le jeton de cette surveillance.',
  'watch.api-no-such-method': 'Cela ne peut pas se faire ici.',
  'watch.api-not-found': "Il n'y a rien à cette adresse.",
  'watch.api-too-many-streams': 'Trop de pages sont ouvertes.',
}
