/* The analyzers of backtrader: those over time in backtrader.c, those over trades in backtrader_trades.c. */
#ifndef DUET_REPORT_CONVENTIONS_BACKTRADER_H
#define DUET_REPORT_CONVENTIONS_BACKTRADER_H

#include "report/conventions/convention.h"

#define BACKTRADER_TRADE_ROWS(X)                                                                    \
    X("SQN.sqn", NUMBER, true, "√n · mean / population deviation of net; 0 under two trades")       \
    X("SQN.trades", COUNT, false, "closed trades")                                                  \
    X("TradeAnalyzer.total.total", COUNT, true, "trades begun, flat to flat")                       \
    X("TradeAnalyzer.total.open", COUNT, true, "of them still open")                                \
    X("TradeAnalyzer.total.closed", COUNT, true, "of them closed")                                  \
    X("TradeAnalyzer.streak.won.current", COUNT, false, "wins (net 0 or more) since the last loss") \
    X("TradeAnalyzer.streak.won.longest", COUNT, false, "most in a row")                            \
    X("TradeAnalyzer.streak.lost.current", COUNT, false, "losses since the last win")               \
    X("TradeAnalyzer.streak.lost.longest", COUNT, false, "most in a row")                           \
    X("TradeAnalyzer.pnl.gross.total", NUMBER, false, "before commissions")                         \
    X("TradeAnalyzer.pnl.gross.average", NUMBER, false, "a closed trade")                           \
    X("TradeAnalyzer.pnl.net.total", NUMBER, true, "after commissions")                             \
    X("TradeAnalyzer.pnl.net.average", NUMBER, true, "a closed trade")                              \
    BACKTRADER_OUTCOME(X, "TradeAnalyzer.won", "won: net 0 or more")                                \
    BACKTRADER_OUTCOME(X, "TradeAnalyzer.lost", "lost: net below 0")                                \
    BACKTRADER_SIDE(X, "long")                                                                      \
    BACKTRADER_SIDE(X, "short")                                                                     \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len", "all")                                                \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len.won", "won")                                            \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len.lost", "lost")                                          \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len.long", "long")                                          \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len.long.won", "long and won")                              \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len.long.lost", "long and lost")                            \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len.short", "short")                                        \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len.short.won", "short and won")                            \
    BACKTRADER_LENGTH(X, "TradeAnalyzer.len.short.lost", "short and lost")

#define BACKTRADER_OUTCOME(X, prefix, what)         \
    X(prefix ".total", COUNT, true, "trades " what) \
    BACKTRADER_NET(X, prefix ".pnl", what)
#define BACKTRADER_NET(X, prefix, what)                    \
    X(prefix ".total", NUMBER, false, "sum of net, " what) \
    X(prefix ".average", NUMBER, false, "mean net, " what) \
    X(prefix ".max", NUMBER, false, "largest win or loss, " what)
#define BACKTRADER_SIDE(X, side)                                              \
    X("TradeAnalyzer." side ".total", COUNT, false, side " trades")           \
    X("TradeAnalyzer." side ".pnl.total", NUMBER, false, "sum of net, " side) \
    X("TradeAnalyzer." side ".pnl.average", NUMBER, false, "mean net, " side) \
    BACKTRADER_NET(X, "TradeAnalyzer." side ".pnl.won", side " and won")      \
    BACKTRADER_NET(X, "TradeAnalyzer." side ".pnl.lost", side " and lost")    \
    X("TradeAnalyzer." side ".won", COUNT, false, side " and won")            \
    X("TradeAnalyzer." side ".lost", COUNT, false, side " and lost")
#define BACKTRADER_LENGTH(X, prefix, what)                            \
    X(prefix ".total", COUNT, false, "sum of lengths in bars, " what) \
    X(prefix ".average", NUMBER, false, "mean length in bars, " what) \
    X(prefix ".max", COUNT, false, "longest in bars, " what)          \
    X(prefix ".min", COUNT, false, "shortest in bars, " what)

/** SQN and TradeAnalyzer. */
void backtrader_compute_trades(const struct duet_tape *tape, struct duet_analysis *out);

#endif
