/*
 * A load of STUN Binding requests (RFC 8489), 64 to a system call, from as many source addresses as the machine calls its
 * own: every request comes from another /24, as a server that limits prefixes sees the Internet.
 *
 *   stun-load SERVER PORT SECONDS WINDOW FIRST-SOURCE SOURCES
 *
 * At most WINDOW requests are under way. Prints {"answers": N, "sent": N, "lost": N, "p50Us": N, "p99Us": N, "seconds": S}.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, SLOTS = 1 << 16, MOST_TIMES = 1 << 22 };

static uint64_t sent_at[SLOTS];
static uint32_t times[MOST_TIMES];
static unsigned char requests[BATCH][20], answers[BATCH][512];
static union { char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))]; struct cmsghdr align; } controls[BATCH];
static struct iovec out_io[BATCH], in_io[BATCH];
static struct mmsghdr out[BATCH], in[BATCH];

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &server.sin_addr);
  double seconds = atof(argv[3]);
  int window = atoi(argv[4]), sources = atoi(argv[6]);
  struct in_addr first;
  inet_pton(AF_INET, argv[5], &first);

  int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  struct sockaddr_in any = {.sin_family = AF_INET};
  if (bind(fd, (struct sockaddr *)&any, sizeof any) != 0) return 1;

  for (int i = 0; i < BATCH; i++) {
    out_io[i] = (struct iovec){requests[i], 20};
    in_io[i] = (struct iovec){answers[i], sizeof answers[i]};
    out[i].msg_hdr = (struct msghdr){.msg_name = &server, .msg_namelen = sizeof server, .msg_iov = &out_io[i], .msg_iovlen = 1,
                                     .msg_control = controls[i].bytes, .msg_controllen = sizeof controls[i].bytes};
    in[i].msg_hdr = (struct msghdr){.msg_iov = &in_io[i], .msg_iovlen = 1};
    struct cmsghdr *head = CMSG_FIRSTHDR(&out[i].msg_hdr);
    head->cmsg_level = IPPROTO_IP;
    head->cmsg_type = IP_PKTINFO;
    head->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    memcpy(requests[i], "\x00\x01\x00\x00\x21\x12\xa4\x42", 8);
  }

  uint32_t number = 0, under_way = 0;
  uint64_t answered = 0, lost = 0, kept = 0;
  uint64_t start = now_ns(), end = start + (uint64_t)(seconds * 1e9), heard = start;
  for (uint64_t now = start; now < end; now = now_ns()) {
    int room = window - (int)under_way, fill = room < BATCH ? room : BATCH;
    for (int i = 0; i < fill; i++, number++) {
      struct in_pktinfo *from = (struct in_pktinfo *)CMSG_DATA(CMSG_FIRSTHDR(&out[i].msg_hdr));
      *from = (struct in_pktinfo){0};
      from->ipi_spec_dst.s_addr = htonl(ntohl(first.s_addr) + ((number % sources) << 8));
      memcpy(requests[i] + 8, &number, 4);
      sent_at[number % SLOTS] = now;
    }
    if (fill > 0) {
      int gone = sendmmsg(fd, out, fill, 0);
      if (gone < 0) gone = 0;
      number -= fill - gone;
      under_way += gone;
    }
    int came = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
    if (came <= 0) {
      struct pollfd wait = {fd, POLLIN, 0};
      if (under_way >= (uint32_t)window && poll(&wait, 1, 20) == 0 && now_ns() - heard > 50000000ull) {
        lost += under_way;
        under_way = 0;
      }
      continue;
    }
    heard = now_ns();
    for (int i = 0; i < came; i++) {
      if (in[i].msg_len < 32 || memcmp(answers[i], "\x01\x01", 2) != 0) continue;
      uint32_t which;
      memcpy(&which, answers[i] + 8, 4);
      if (kept < MOST_TIMES) times[kept++] = (heard - sent_at[which % SLOTS]) / 1000;
      answered++;
    }
    under_way = under_way > (uint32_t)came ? under_way - came : 0;
  }
  qsort(times, kept, sizeof *times, by_value);
  printf("{\"answers\":%lu,\"sent\":%u,\"lost\":%lu,\"p50Us\":%u,\"p99Us\":%u,\"seconds\":%f}\n", answered, number, lost,
         kept ? times[kept / 2] : 0, kept ? times[kept * 99 / 100] : 0, (now_ns() - start) / 1e9);
  return 0;
}
