# Sends packets of this host's own through its output hooks: a line of hexadecimal digits each, an IP packet with its
# header. A line "." is answered by "." when all before it have been handed to the kernel.
use strict; use warnings; use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6);
my $IPPROTO_RAW = 255;
socket(my $four, AF_INET, SOCK_RAW, $IPPROTO_RAW) or die "socket: $!";
socket(my $six, AF_INET6, SOCK_RAW, $IPPROTO_RAW) or die "socket: $!";
$| = 1;
while (my $line = <STDIN>) {
  chomp $line;
  if ($line eq '.') { print ".\n"; next; }
  my $packet = pack('H*', $line);
  # A rule that drops or rejects makes send fail; that is what is tried here.
  my $is_four = ord($packet) >> 4 == 4;
  my $to = $is_four ? substr($packet, 16, 4) : substr($packet, 24, 16);
  send($is_four ? $four : $six, $packet, 0, $is_four ? pack_sockaddr_in(0, $to) : pack_sockaddr_in6(0, $to));
}
