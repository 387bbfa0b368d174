// The peer of bench/sim-hops.mjs: datagrams that are asked and answered through a chain of plain routers, and hosts that
// have spoken once. ns-3 has no NAT, so none is here. It is set up to be fast: IPv4 alone, static routes
// alone, no queue disciplines, no traces.
//
//   chain hops ROUTERS FLOWS SECONDS     prints packet hops per second
//   chain hosts COUNT                    prints resident bytes per host

#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

using namespace ns3;

namespace
{

const uint16_t PORT = 7;
const uint32_t PAYLOAD_BYTES = 100;

double
SecondsNow()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void
InstallInternet(const NodeContainer& nodes)
{
    InternetStackHelper internet;
    internet.SetIpv6StackInstall(false);
    internet.SetRoutingHelper(Ipv4StaticRoutingHelper());
    internet.Install(nodes);
}

// Both ends of a cable, with an address each.
Ipv4InterfaceContainer
Connect(Ptr<Node> left, Ptr<Node> right, Ipv4AddressHelper& addresses)
{
    PointToPointHelper cable;
    cable.SetDeviceAttribute("DataRate", StringValue("100Gbps"));
    cable.SetChannelAttribute("Delay", StringValue("10us"));
    const NetDeviceContainer ends = cable.Install(NodeContainer(left, right));
    const Ipv4InterfaceContainer interfaces = addresses.Assign(ends);
    TrafficControlHelper().Uninstall(ends);
    addresses.NewNetwork();
    return interfaces;
}

void
RouteByDefault(Ptr<Node> node, Ipv4Address via, uint32_t interface)
{
    Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>())->SetDefaultRoute(via, interface);
}

Ptr<Socket>
OpenUdp(Ptr<Node> node, uint16_t port, Callback<void, Ptr<Socket>> onDatagram)
{
    Ptr<Socket> socket = Socket::CreateSocket(node, UdpSocketFactory::GetTypeId());
    socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
    socket->SetRecvCallback(onDatagram);
    return socket;
}

uint64_t answers = 0;
double endSeconds = 0;
bool asking = true;

void
Answer(Ptr<Socket> socket)
{
    Address from;
    while (Ptr<Packet> packet = socket->RecvFrom(from))
    {
        socket->SendTo(Create<Packet>(PAYLOAD_BYTES), 0, from);
    }
}

void
AskAgain(Ptr<Socket> socket)
{
    Address from;
    while (Ptr<Packet> packet = socket->RecvFrom(from))
    {
        if (++answers % 1000 == 0)
        {
            asking = SecondsNow() < endSeconds;
        }
        if (asking)
        {
            socket->SendTo(Create<Packet>(PAYLOAD_BYTES), 0, from);
        }
    }
}

void
MeasureHops(uint32_t routers, uint32_t flows, double seconds)
{
    NodeContainer nodes;
    nodes.Create(routers + 2);
    InstallInternet(nodes);
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
    const uint32_t last = routers + 1;
    Ipv4StaticRoutingHelper routing;
    Ipv4Address server;
    for (uint32_t i = 0; i < last; i++)
    {
        const Ipv4InterfaceContainer ends = Connect(nodes.Get(i), nodes.Get(i + 1), addresses);
        server = ends.GetAddress(1);
        RouteByDefault(nodes.Get(i), ends.GetAddress(1), i == 0 ? 1 : 2);
        // The way back to the client's network, which is the first.
        if (i > 0)
        {
            routing.GetStaticRouting(nodes.Get(i + 1)->GetObject<Ipv4>())
                ->AddNetworkRouteTo(Ipv4Address("10.0.0.0"), Ipv4Mask("255.255.255.0"), ends.GetAddress(0), 1);
        }
    }
    Ptr<Socket> answering = OpenUdp(nodes.Get(last), PORT, MakeCallback(&Answer));
    std::vector<Ptr<Socket>> asked;
    const double startSeconds = SecondsNow();
    endSeconds = startSeconds + seconds;
    for (uint32_t flow = 0; flow < flows; flow++)
    {
        asked.push_back(OpenUdp(nodes.Get(0), 10000 + flow, MakeCallback(&AskAgain)));
        asked.back()->SendTo(Create<Packet>(PAYLOAD_BYTES), 0, InetSocketAddress(server, PORT));
    }
    Simulator::Run();
    const double tookSeconds = SecondsNow() - startSeconds;
    // Each answer was a packet there and one back, and each arrived at every router and at an end.
    std::printf("%.0f\n", answers * 2.0 * last / tookSeconds);
}

uint64_t
ResidentBytes()
{
    unsigned long pages = 0;
    unsigned long resident = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr || std::fscanf(file, "%lu %lu", &pages, &resident) != 2)
    {
        std::exit(1);
    }
    std::fclose(file);
    return static_cast<uint64_t>(resident) * sysconf(_SC_PAGESIZE);
}

void
Receive(Ptr<Socket> socket)
{
    while (socket->Recv())
    {
        answers++;
    }
}

// Hosts in pairs: a network of all would carry every question for a neighbour's address to every host.
void
MeasureHosts(uint32_t count)
{
    const uint64_t before = ResidentBytes();
    NodeContainer nodes;
    nodes.Create(count);
    InstallInternet(nodes);
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.252");
    std::vector<Ptr<Socket>> sockets;
    for (uint32_t i = 0; i + 1 < count; i += 2)
    {
        const Ipv4InterfaceContainer ends = Connect(nodes.Get(i), nodes.Get(i + 1), addresses);
        for (uint32_t end = 0; end < 2; end++)
        {
            sockets.push_back(OpenUdp(nodes.Get(i + end), 4001, MakeCallback(&Receive)));
            sockets.back()->SendTo(Create<Packet>(8), 0, InetSocketAddress(ends.GetAddress(1 - end), 4001));
        }
    }
    Simulator::Run();
    if (answers != sockets.size())
    {
        std::fprintf(stderr, "%lu of %zu datagrams arrived\n", static_cast<unsigned long>(answers), sockets.size());
        std::exit(1);
    }
    std::printf("%.0f\n", static_cast<double>(ResidentBytes() - before) / sockets.size());
}

} // namespace

int
main(int argc, char* argv[])
{
    if (argc == 5 && std::strcmp(argv[1], "hops") == 0)
    {
        MeasureHops(std::atoi(argv[2]), std::atoi(argv[3]), std::atof(argv[4]));
        return 0;
    }
    if (argc == 3 && std::strcmp(argv[1], "hosts") == 0)
    {
        MeasureHosts(std::atoi(argv[2]));
        return 0;
    }
    std::fprintf(stderr, "usage: chain hops ROUTERS FLOWS SECONDS | chain hosts COUNT\n");
    return 2;
}
