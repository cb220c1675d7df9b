/* A result with something in every place, for the tests of what is printed. */
#ifndef DUET_TESTS_REPORT_SAMPLE_H
#define DUET_TESTS_REPORT_SAMPLE_H

#include <stdio.h>

#include "report/fixture.h"

struct sample {
    struct duet_result result;
    struct duet_curve curve;
    struct duet_instruments instruments;
};

static inline void sample_params(struct duet_result *result) {
    result->param_count = 3;
    duet_text_copy(result->params[0].name, sizeof(result->params[0].name), "fast");
    duet_text_copy(result->params[0].value, sizeof(result->params[0].value), "10");
    duet_text_copy(result->params[1].name, sizeof(result->params[1].name), "weight");
    duet_text_copy(result->params[1].value, sizeof(result->params[1].value), "0.90");
    duet_text_copy(result->params[2].name, sizeof(result->params[2].name), "mode");
    duet_text_copy(result->params[2].value, sizeof(result->params[2].value), "long");
    result->params[0].is_number = result->params[1].is_number = true;
}

static inline void sample_series(struct duet_result *result, size_t count) {
    result->data = duet_alloc(count, sizeof(*result->data));
    result->data_count = count;
    for (size_t i = 0; i < count; i++) {
        struct duet_result_data *data = &result->data[i];
        snprintf(data->symbol, sizeof(data->symbol), i == 0 ? "AAA" : "SYM%zu", i);
        snprintf(data->path, sizeof(data->path), "/srv/history/minute/%s.csv", data->symbol);
        duet_text_copy(data->dialect, sizeof(data->dialect), "generic csv");
        duet_text_copy(data->tz, sizeof(data->tz), "UTC");
        duet_text_copy(data->stamp, sizeof(data->stamp), "open");
        duet_text_copy(data->first, sizeof(data->first), "2020-01-01 00:00:00");
        duet_text_copy(data->last, sizeof(data->last), "2020-12-31 23:59:00");
        data->interval_ns = DUET_MINUTE_NS;
        data->rows = 100000 + i;
        data->skipped = i;
    }
}

static inline void sample_positions(struct duet_result *result, size_t count) {
    result->positions = duet_alloc(count, sizeof(*result->positions));
    result->position_count = count;
    for (size_t i = 0; i < count; i++) {
        struct duet_result_position *position = &result->positions[i];
        snprintf(position->symbol, sizeof(position->symbol), i == 0 ? "AAA" : "SYM%zu", i);
        position->quantity = i == 0 ? 100 : -1500;
        position->quantity_decimals = i == 0 ? 0 : 3;
        position->price_decimals = i == 0 ? 4 : 2;
        position->mark = i == 0 ? 857163 : 2000;
        position->average_price = i == 0 ? 85.151 : 19.5;
        position->value = money(i == 0 ? "8571.63" : "-30");
        position->unrealized = money(i == 0 ? "56.53" : "-0.75");
    }
}

/** 400 days around 100,000, two trades, one open position. */
static inline void sample_run(struct sample *sample) {
    struct duet_result *result = &sample->result;
    *sample = (struct sample){.instruments = two_instruments()};
    duet_curve_init(&sample->curve, money("100000"), duet_curve_utc_day_end, NULL);
    duet_trades_create(&sample->instruments, NULL, NULL, &result->trades);
    int64_t start = at("2020-01-02");
    for (int day = 0; day < 400; day++) {
        duet_money equity = money("100000") + ((day * 7919) % 1000 - 300) * DUET_MONEY_ONE;
        duet_curve_take(&sample->curve, start + day * DUET_DAY_NS, equity, day % 2 == 0 ? money("9000") : 0);
    }
    const int64_t prices[] = {500000, 520000, 500000, 490000};
    for (int i = 0; i < 4; i++) {
        struct duet_fill fill = fill_of(0, i % 2 == 0 ? 1 : -1, 10, prices[i], "0.5", start + i * DUET_HOUR_NS);
        duet_trades_take(result->trades, &fill, "sma");
    }
    duet_text_copy(result->mode, sizeof(result->mode), "backtest");
    duet_text_copy(result->status, sizeof(result->status), "OK");
    duet_text_copy(result->strategy, sizeof(result->strategy), "sma_cross");
    duet_text_copy(result->currency, sizeof(result->currency), "USD");
    duet_text_copy(result->fill_profile, sizeof(result->fill_profile), "duet-1");
    memset(result->plugin_sha256, 'a', 64);
    memset(result->data_sha256, 'b', 64);
    result->curve = &sample->curve;
    result->initial_cash = money("100000");
    result->final_cash = money("91484.9");
    result->final_equity = sample->curve.last;
    result->realized = money("10");
    result->unrealized = money("56.53");
    result->start_ns = sample->curve.first_ns;
    result->end_ns = sample->curve.last_ns;
    result->bars = 100000;
    result->events = 300017;
    result->counts = (struct duet_portfolio_counts){.orders = 6, .fills = 5, .cancelled = 1};
    result->counts.commission = money("10.51510");
    result->counts.slippage = money("2.5");
    result->counts.traded = money("10515.10");
    result->counts.denied[DUET_REASON_CASH] = 312;
    result->counts.first_denied_ns[DUET_REASON_CASH] = at("2020-02-03 14:30");
    result->costs = (struct duet_costs){.rate = 1000000000, .commission_given = true};
    result->event_hash = 0x123;
    result->decision_hash = UINT64_C(0xfedcba9876543210);
    result->buy_and_hold.available = true;
    result->buy_and_hold.final_equity = money("85700.5");
    result->buy_and_hold.commission = money("100");
    result->buy_and_hold.total_return = -0.142995;
    result->buy_and_hold.max_drawdown = 0.2;
    result->load_s = 0.01;
    result->run_s = 0.002;
    result->total_s = 0.5;
    sample_params(result);
    sample_series(result, 1);
    sample_positions(result, 1);
    duet_result_assume(result, "ZONE", "labels without a zone are taken as UTC");
    duet_result_warn(result, "GAPS", 1234, "AAA 2020-01-05 10:00", "gaps longer than a bar");
}

static inline void sample_finish(struct sample *sample) {
    duet_curve_finish(&sample->curve);
    duet_trades_destroy(sample->result.trades);
    duet_result_finish(&sample->result);
}

#endif
