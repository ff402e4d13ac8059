#include "lwip/network.hpp"

#include <deque>
#include <random>
#include <vector>

#include "lwip/init.h"
#include "lwip/ip4.h"
#include "lwip/memp.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/stats.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"

namespace {

std::uint32_t now = 1000;
std::deque<std::vector<std::uint8_t>> on_the_way;
std::minstd_rand chance;
unsigned one_of = 0;
bool is_cut = false;
netif interface;

err_t send(netif*, pbuf* packet, const ip4_addr_t*) {
    if (one_of != 0 && chance() % one_of == 0) return ERR_OK;
    if (is_cut && packet->tot_len > 60) return ERR_OK;
    std::vector<std::uint8_t>& bytes = on_the_way.emplace_back(packet->tot_len);
    pbuf_copy_partial(packet, bytes.data(), packet->tot_len, 0);
    return ERR_OK;
}

err_t add(netif* added) {
    added->mtu = 1500;
    added->output = send;
    added->flags = NETIF_FLAG_UP | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

void arrive() {
    const std::vector<std::uint8_t> bytes = std::move(on_the_way.front());
    on_the_way.pop_front();
    const auto size = static_cast<u16_t>(bytes.size());
    pbuf* packet = pbuf_alloc(PBUF_RAW, size, PBUF_POOL);
    if (packet == nullptr) return; // lost, as a driver would lose it
    pbuf_take(packet, bytes.data(), size);
    if (interface.input(packet, &interface) != ERR_OK) pbuf_free(packet);
}

} // namespace

extern "C" u32_t sys_now() { return now; }

namespace ussl::test::network {

void reset(unsigned loss) {
    if (interface.output == nullptr) {
        lwip_init();
        ip4_addr_t own, mask, gateway;
        IP4_ADDR(&own, address[0], address[1], address[2], address[3]);
        IP4_ADDR(&mask, 255, 255, 255, 0);
        IP4_ADDR(&gateway, 0, 0, 0, 0);
        netif_add(&interface, &own, &mask, &gateway, nullptr, add, ip4_input);
        netif_set_default(&interface);
        netif_set_up(&interface);
        netif_set_link_up(&interface);
    }
    on_the_way.clear();
    chance.seed(loss + 1);
    one_of = loss;
    is_cut = false;
}

void cut(bool whether) { is_cut = whether; }

bool run_until(const std::function<bool()>& done, unsigned seconds) {
    const std::uint32_t end = now + 1000 * seconds;
    while (!done()) {
        if (!on_the_way.empty()) {
            arrive();
            continue;
        }
        if (static_cast<std::int32_t>(now - end) >= 0) return false;
        now += 50;
        sys_check_timeouts();
    }
    return true;
}

void run_for(unsigned seconds) {
    run_until([] { return false; }, seconds);
}

Use use() {
    return {lwip_stats.mem.used, lwip_stats.memp[MEMP_TCP_SEG]->used,
            lwip_stats.memp[MEMP_PBUF_POOL]->used, lwip_stats.memp[MEMP_ALTCP_PCB]->used};
}

} // namespace ussl::test::network
