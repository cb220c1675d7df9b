/*
 * Streaming indicators for strategies: no allocation, no pointers, so they can
 * live inline in a strategy's flat state. Each of these headers can also be included alone; `duet indicators` lists
 * what is in them with formula, parameters and warm-up.
 */
#ifndef DUET_INDICATOR_H
#define DUET_INDICATOR_H

#include <duet/indicators/adaptive.h>
#include <duet/indicators/average.h>
#include <duet/indicators/bands.h>
#include <duet/indicators/breadth.h>
#include <duet/indicators/cycle.h>
#include <duet/indicators/directional.h>
#include <duet/indicators/hurst.h>
#include <duet/indicators/math.h>
#include <duet/indicators/momentum.h>
#include <duet/indicators/moving.h>
#include <duet/indicators/oscillator.h>
#include <duet/indicators/price.h>
#include <duet/indicators/profile.h>
#include <duet/indicators/range.h>
#include <duet/indicators/relative.h>
#include <duet/indicators/risk.h>
#include <duet/indicators/rolling.h>
#include <duet/indicators/rsi.h>
#include <duet/indicators/statistics.h>
#include <duet/indicators/stochastic.h>
#include <duet/indicators/stops.h>
#include <duet/indicators/trend.h>
#include <duet/indicators/turning.h>
#include <duet/indicators/volume.h>

#endif
