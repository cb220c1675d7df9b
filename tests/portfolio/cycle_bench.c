/*
 * Nanoseconds for the whole life of an order (request, gate, ORDER, ACCEPTED, FILL, FILLED, POSITION, ACCOUNT, hashing
 * included) against a broker that only answers, and for a mark, flat and holding.
 */
#include <stdio.h>
#include <time.h>

#include "portfolio/portfolio_inline.h"

#define ORDERS 2000000
#define MARKS 100000000

struct broker {
    struct duet_bus *bus;
    struct duet_portfolio *portfolio;
    const struct duet_costs *costs;
    const struct duet_instrument *instrument;
    uint64_t fill_id;
};

static void report(struct broker *broker, const struct duet_order_event *order, unsigned status, unsigned previous) {
    struct duet_event event = {.type = DUET_EVENT_ORDER_STATUS};
    event.status = (struct duet_order_status_event){.size = sizeof(event.status),
        .instrument = order->instrument,
        .order_id = order->order_id,
        .status = (uint8_t)status,
        .previous = (uint8_t)previous,
        .side = order->side,
        .type = order->type,
        .quantity = order->quantity,
        .cumulative = status == DUET_ORDER_FILLED ? order->quantity : 0};
    (void)duet_bus_publish(broker->bus, &event);
}

static enum duet_status handle_order(void *receiver, const struct duet_event *event) {
    struct broker *broker = receiver;
    const struct duet_order_event *order = &event->order;
    report(broker, order, DUET_ORDER_ACCEPTED, DUET_ORDER_SUBMITTED);
    struct duet_event fill = {.type = DUET_EVENT_FILL};
    fill.fill = (struct duet_fill){.size = sizeof(fill.fill),
        .instrument = order->instrument,
        .fill_id = ++broker->fill_id,
        .order_id = order->order_id,
        .side = order->side,
        .quantity = order->quantity,
        .price = 973941};
    if (duet_costs_commission(
            broker->costs, broker->instrument, order->quantity, 973941, true, &fill.fill.commission) != DUET_OK) {
        return DUET_EOVERFLOW;
    }
    (void)duet_bus_publish(broker->bus, &fill);
    report(broker, order, DUET_ORDER_FILLED, DUET_ORDER_ACCEPTED);
    return DUET_OK;
}

/** Of this process, so that busy neighbours count less. */
static int64_t cpu_ns(void) {
    return (int64_t)clock() * (1000000000 / CLOCKS_PER_SEC);
}

static void measure_orders(struct broker *broker) {
    int64_t start_ns = cpu_ns();
    for (int i = 0; i < ORDERS; i++) {
        struct duet_order_event request = {.side = i % 2 == 0 ? DUET_BUY : DUET_SELL, .quantity = 100};
        (void)duet_portfolio_submit(broker->portfolio, &request, NULL);
    }
    printf("order cycle      %6.1f ns\n", (double)(cpu_ns() - start_ns) / ORDERS);
}

static void measure_marks(struct broker *broker, const char *name) {
    int64_t start_ns = cpu_ns();
    for (int i = 0; i < MARKS; i++) {
        duet_portfolio_mark_inline(broker->portfolio, 0, 970000 + (i & 8191));
        __asm__ volatile("" ::: "memory");
    }
    printf("%s %6.2f ns\n", name, (double)(cpu_ns() - start_ns) / MARKS);
}

int main(void) {
    struct duet_instrument item = {.symbol = "A",
        .currency = "USD",
        .price_decimals = 4,
        .tick_scaled = 1,
        .lot_scaled = 1,
        .multiplier = 1000000};
    struct duet_instruments instruments;
    struct duet_portfolio_options options = {.initial_cash = 1000000000 * DUET_MONEY_ONE,
        .leverage = 1,
        .margin_check_longs = true,
        .instruments = &instruments};
    struct broker broker = {.costs = &options.costs};
    if (duet_instruments_create(&item, 1, &instruments) != DUET_OK ||
        duet_costs_parse_commission("0.001", &options.costs) != DUET_OK ||
        duet_bus_create(&(struct duet_bus_options){0}, &broker.bus) != DUET_OK ||
        duet_portfolio_create(&options, broker.bus, &broker.portfolio) != DUET_OK) {
        return 1;
    }
    broker.instrument = &instruments.items[0];
    struct duet_env env = {.bus = broker.bus};
    struct duet_component *component = duet_portfolio_component(broker.portfolio);
    if (duet_component_init(component, &env) != DUET_OK || duet_component_start(component) != DUET_OK ||
        duet_bus_subscribe(broker.bus, DUET_EVENT_ORDER, handle_order, &broker, NULL, NULL) != DUET_OK) {
        return 1;
    }
    duet_portfolio_mark(broker.portfolio, 0, 973941);
    measure_orders(&broker);
    measure_orders(&broker);
    measure_marks(&broker, "mark, flat       ");
    struct duet_order_event request = {.side = DUET_BUY, .quantity = 100};
    (void)duet_portfolio_submit(broker.portfolio, &request, NULL);
    measure_marks(&broker, "mark, holding    ");
    bool balances = duet_portfolio_ledger_balances(broker.portfolio);
    duet_component_stop(component);
    duet_component_teardown(component);
    duet_portfolio_destroy(broker.portfolio);
    duet_bus_destroy(broker.bus);
    duet_instruments_finish(&instruments);
    return balances ? 0 : 1;
}
