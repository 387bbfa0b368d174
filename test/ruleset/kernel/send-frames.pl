# Sends frames over one interface: a line of hexadecimal digits each. A line "." asks the neighbour for its address by
# ARP and prints "." when the answer is in: as one processor handles all in turn, every frame before it has been dealt
# with by then. Arguments: index of the interface, own MAC, own address, neighbour's address (the last three in hexadecimal).
use strict; use warnings; use Socket;
my ($index, $mac, $own, $neighbour) = @ARGV;
my ($ETH_P_ARP, $PF_PACKET) = (0x0806, 17);
socket(my $s, $PF_PACKET, SOCK_RAW, unpack('S', pack('n', $ETH_P_ARP))) or die "socket: $!";
my $to = pack('S n l S C C a8', $PF_PACKET, $ETH_P_ARP, $index, 0, 0, 6, '');
bind($s, $to) or die "bind: $!";
$| = 1;
my $arp = pack('H12 H12 n n n C C n H12 H8 H12 H8', 'ffffffffffff', $mac, $ETH_P_ARP, 1, 0x0800, 6, 4, 1, $mac, $own, '0' x 12, $neighbour);
while (my $line = <STDIN>) {
  chomp $line;
  if ($line ne '.') { defined send($s, pack('H*', $line), 0, $to) or die "send: $!"; next; }
  defined send($s, $arp, 0, $to) or die "send: $!";
  while (1) {
    defined recv($s, my $answer, 2048, 0) or die "recv: $!";
    last if length($answer) >= 42 && unpack('n', substr($answer, 20, 2)) == 2;
  }
  print ".\n";
}
