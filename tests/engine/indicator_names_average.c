/* What other libraries call the rows of the groups average, price, range and statistics, and how they differ. */
#include "engine/indicator_suite.h"

const struct suite_mapping suite_names_average[] = {
    {"backtrader", "EMA", "ema", "length=period"},
    {"backtrader", "SMA", "sma", "length=period"},
    {"backtrader", "SMMA", "smma", "length=period"},
    {"backtrader", "WMA", "wma", "length=period"},

    {"lean", "ExponentialMovingAverage", "ema", "length=$0"},
    {"lean", "LinearWeightedMovingAverage", "wma", "length=$0"},
    {"lean", "PythonIndicator", "sma", "length=$0|14"},
    {"lean", "SimpleMovingAverage", "sma", "length=$0"},
    {"lean", "WilderMovingAverage", "smma", "length=$0"},

    {"pandas", "rolling_mean", "sma", "length=$0"},

    {"pyalgotrade", "ema", "ema", "length=$0"},
    {"pyalgotrade", "sma", "sma", "length=$0"},
    {"pyalgotrade", "wma", "wma", "length=$0"},

    {"stock", "ema", "ema", "length=$0|20"},
    {"stock", "sma", "sma", "length=$0|20"},
    {"stock", "smma", "smma", "length=$0|20"},
    {"stock", "wma", "wma", "length=$0|20"},

    {"tulip", "ema", "ema", "length=period seed=1"},
    {"tulip", "sma", "sma", "length=period"},
    {"tulip", "wilders", "smma", "length=period"},
    {"tulip", "wma", "wma", "length=period"},
    {0},
};
