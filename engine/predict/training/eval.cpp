#include "engine/predict/training/eval.h"

#include "engine/predict/features.h"
#include "engine/predict/reactive_estimator.h"
#include "engine/predict/training/tick_generator.h"
#include "engine/predict/training/training_set.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <numeric>
#include <optional>

namespace foreshard {
namespace {

constexpr std::size_t kRowsMin = 200;
constexpr std::size_t kChunk = 512;
constexpr std::size_t kOnlineBlocks = 10;
constexpr std::size_t kOnlineRowsMax = 20'000;
constexpr double kEwmaFactor = 0.35;

using Series = std::vector<double>;

struct Quantiles {
    Series p50;
    Series p90;
};

// Features of every point in time, computed once.
struct Prepared {
    std::vector<ShardTick> ticks;
    std::vector<float> rows;
    Series last;
    Series volatility;
    double scale = 1;
    std::size_t first = 0;  // scored from here
};

Prepared prepare(const EvalSetup& setup)
{
    Prepared data;
    const auto count = static_cast<double>(setup.values.size());
    data.first = static_cast<std::size_t>(count * setup.trainFraction);
    data.ticks = ticksOfSeries(setup.values, std::max<std::size_t>(data.first, 1), &data.scale);
    data.rows.resize(setup.values.size() * kFeatureCount);
    FeatureBuilder features;
    for (std::size_t t = 0; t < data.ticks.size(); ++t) {
        features.push(data.ticks[t]);
        features.row({}, data.rows.data() + t * kFeatureCount, ForecastTarget::kPoint);
        data.last.push_back(features.last({}));
        data.volatility.push_back(features.volatility({}));
    }
    return data;
}

// The model's output for a horizon it was not trained for lies on the line between its neighbours.
double outputAt(const float* row, int horizon, int quantile)
{
    int upper = 0;
    while (kHorizonTicks[static_cast<std::size_t>(upper)] < horizon)
        ++upper;
    const double high = row[upper * kQuantileCount + quantile];
    if (upper == 0) return high;
    const int from = kHorizonTicks[static_cast<std::size_t>(upper - 1)];
    const int to = kHorizonTicks[static_cast<std::size_t>(upper)];
    const double low = row[(upper - 1) * kQuantileCount + quantile];
    return low + (high - low) * static_cast<double>(horizon - from) / (to - from);
}

class SeriesScorer {
public:
    SeriesScorer(const TorchModule& module, const EvalSetup& setup)
        : module_(module), setup_(setup), data_(prepare(setup))
    {
    }

    Result<EvalReport> score(BytesView model)
    {
        FS_TRY(zeroShot_, runModel(model));
        if (setup_.isOnline) {
            FS_TRY(online_, runOnline(model));
        }
        EvalReport report;
        report.rows = setup_.values.size();
        report.scoredRows = report.rows - data_.first;
        report.seasonalPeriod = findPeriod();
        for (const int horizon : setup_.horizons)
            report.horizons.push_back(scoreHorizon(horizon, report.seasonalPeriod));
        return report;
    }

private:
    using Outputs = std::vector<float>;  // kOutputCount for each scored row

    Status append(const TorchModel& model, std::size_t from, std::size_t to, Outputs& out) const
    {
        for (std::size_t start = from; start < to; start += kChunk) {
            const std::size_t end = std::min(start + kChunk, to);
            const auto begin = data_.rows.begin();
            const std::vector<float> rows(
                begin + static_cast<std::ptrdiff_t>(start * kFeatureCount),
                begin + static_cast<std::ptrdiff_t>(end * kFeatureCount));
            const auto answer = model.predict(rows);
            if (!answer.ok()) return answer.error();
            out.insert(out.end(), answer->begin(), answer->end());
        }
        return {};
    }

    Result<Outputs> runModel(BytesView bytes) const
    {
        FS_TRY(const TorchModel model, module_.load(bytes));
        Outputs out;
        FS_TRY_STATUS(append(model, data_.first, data_.ticks.size(), out));
        return out;
    }

    // A copy is fitted on what lies before each block, then frozen for the block.
    Result<Outputs> runOnline(BytesView bytes) const
    {
        Outputs out;
        Bytes current(bytes);
        const std::size_t scored = data_.ticks.size() - data_.first;
        for (std::size_t block = 0; block < kOnlineBlocks; ++block) {
            const std::size_t from = data_.first + scored * block / kOnlineBlocks;
            const std::size_t to = data_.first + scored * (block + 1) / kOnlineBlocks;
            TrainingSetBuilder builder;
            const std::size_t oldest = from > kOnlineRowsMax ? from - kOnlineRowsMax : 0;
            builder.add({data_.ticks.begin() + static_cast<std::ptrdiff_t>(oldest),
                         data_.ticks.begin() + static_cast<std::ptrdiff_t>(from)},
                        ForecastTarget::kPoint, 1);
            const TrainingSet set = builder.take();
            if (set.rows > set.validationRows && set.validationRows > 0) {
                FitOptions options;
                options.initialModel = current;
                options.epochs = block == 0 ? 8 : 3;
                options.patience = 3;
                options.learningRate = block == 0 ? 1e-3F : 5e-4F;
                FS_TRY(Bytes next, module_.train(set, options));
                current = std::move(next);
            }
            FS_TRY(const TorchModel model, module_.load(current));
            FS_TRY_STATUS(append(model, from, to, out));
        }
        return out;
    }

    Quantiles forecasts(const Outputs& outputs, int horizon) const
    {
        Quantiles result;
        for (std::size_t t = data_.first; t < data_.ticks.size(); ++t) {
            const float* row = outputs.data() + (t - data_.first) * kOutputCount;
            const auto value = [&](int quantile) {
                return (data_.last[t] + data_.volatility[t] * outputAt(row, horizon, quantile))
                       / data_.scale;
            };
            result.p50.push_back(value(1));
            result.p90.push_back(value(2));
        }
        return result;
    }

    Series reactive(bool isEwma) const
    {
        Series result;
        double ewma = setup_.values.front();
        for (std::size_t t = 0; t < setup_.values.size(); ++t) {
            ewma += kEwmaFactor * (setup_.values[t] - ewma);
            if (t < data_.first) continue;
            const std::size_t count = std::min<std::size_t>(5, t + 1);
            const auto end = setup_.values.begin() + static_cast<std::ptrdiff_t>(t + 1);
            const double sum = std::accumulate(end - static_cast<std::ptrdiff_t>(count), end, 0.0);
            result.push_back(isEwma ? ewma : sum / static_cast<double>(count));
        }
        return result;
    }

    Series seasonal(int horizon, std::size_t period) const
    {
        Series result;
        const auto ahead = static_cast<std::size_t>(horizon);
        const std::size_t back = period * ((ahead + period - 1) / period);
        for (std::size_t t = data_.first; t < setup_.values.size(); ++t)
            result.push_back(setup_.values[t + ahead >= back ? t + ahead - back : t]);
        return result;
    }

    // Lag of the highest marked peak of the autocorrelation; 0 when there is none.
    std::size_t findPeriod() const
    {
        constexpr std::size_t kLagMin = 6;
        constexpr std::size_t kLagMax = 2100;
        constexpr double kPeakMin = 0.3;  // correlation, and its rise above the dip before it
        constexpr double kRiseMin = 0.1;
        const std::size_t count = data_.first;
        const std::size_t longest = std::min(count / 3, kLagMax);
        double dip = 1;
        double best = kPeakMin;
        std::size_t period = 0;
        for (std::size_t lag = 1; lag < longest; ++lag) {
            const double correlation = autocorrelation(count, lag);
            dip = std::min(dip, correlation);
            if (lag < kLagMin || correlation <= best || correlation < dip + kRiseMin) continue;
            best = correlation;
            period = lag;
        }
        return period;
    }

    // Of the first `count` values with themselves `lag` earlier.
    double autocorrelation(std::size_t count, std::size_t lag) const
    {
        const auto begin = setup_.values.begin();
        const double mean = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), 0.0)
                            / static_cast<double>(count);
        double product = 0;
        double square = 0;
        for (std::size_t t = lag; t < count; ++t) {
            const double value = setup_.values[t] - mean;
            product += value * (setup_.values[t - lag] - mean);
            square += value * value;
        }
        return square > 0 ? product / square : 0;
    }

    // Fixed-Share mixture (Herbster and Warmuth 1998): weights fall with each expert's loss as soon
    // as the loss can be known, `ahead` steps later, and a little is always shared out again.
    Series gated(const std::vector<const Series*>& experts, int horizon) const
    {
        constexpr double kRate = 0.5;
        constexpr double kShare = 0.001;
        constexpr double kLossMax = 5;
        const auto ahead = static_cast<std::size_t>(horizon);
        const double count = static_cast<double>(experts.size());
        Series weights(experts.size(), 1 / count);
        Series result;
        double usual = 0;
        for (std::size_t i = 0; i < experts.front()->size(); ++i) {
            const double actual = setup_.values[data_.first + i];
            if (i >= ahead) {
                const double move = std::abs(actual - (*experts.front())[i - ahead]);
                usual = usual <= 0 ? move : usual + 0.01 * (move - usual);
                double sum = 0;
                for (std::size_t e = 0; e < experts.size(); ++e) {
                    const double error = std::abs(actual - (*experts[e])[i - ahead]);
                    const double loss = usual > 0 ? std::min(error / usual, kLossMax) : 0;
                    weights[e] *= std::exp(-kRate * loss);
                    sum += weights[e];
                }
                for (double& weight : weights)
                    weight = (1 - kShare) * weight / sum + kShare / count;
            }
            double mixture = 0;
            for (std::size_t e = 0; e < experts.size(); ++e)
                mixture += weights[e] * (*experts[e])[i];
            result.push_back(mixture);
        }
        return result;
    }

    double errorOf(const Series& forecast, int horizon) const
    {
        double sum = 0;
        std::size_t count = 0;
        const auto ahead = static_cast<std::size_t>(horizon);
        for (std::size_t i = 0; data_.first + i + ahead < setup_.values.size(); ++i, ++count)
            sum += std::abs(setup_.values[data_.first + i + ahead] - forecast[i]);
        return count == 0 ? 0 : sum / static_cast<double>(count);
    }

    double coverageOf(const Series& p90, int horizon) const
    {
        std::size_t covered = 0;
        std::size_t count = 0;
        const auto ahead = static_cast<std::size_t>(horizon);
        for (std::size_t i = 0; data_.first + i + ahead < setup_.values.size(); ++i, ++count)
            covered += setup_.values[data_.first + i + ahead] <= p90[i] ? 1U : 0U;
        return count == 0 ? 0 : static_cast<double>(covered) / static_cast<double>(count);
    }

    HorizonScore scoreHorizon(int horizon, std::size_t period) const
    {
        const Series last(setup_.values.begin() + static_cast<std::ptrdiff_t>(data_.first),
                          setup_.values.end());
        const Series ewma = reactive(true);
        const Series mean5 = reactive(false);
        const Quantiles model = forecasts(zeroShot_, horizon);
        HorizonScore score;
        score.horizon = horizon;
        score.maeLast = errorOf(last, horizon);
        const auto relative = [&](const Series& forecast) {
            return score.maeLast > 0 ? errorOf(forecast, horizon) / score.maeLast : 1.0;
        };
        std::vector<const Series*> experts{&last, &ewma, &mean5, &model.p50};
        score.relativeMae = {{"last", 1.0},
                             {"ewma", relative(ewma)},
                             {"mean5", relative(mean5)},
                             {"model", relative(model.p50)}};
        score.coverageP90["model"] = coverageOf(model.p90, horizon);
        if (period > 0) score.relativeMae["seasonal"] = relative(seasonal(horizon, period));
        Quantiles online;
        if (setup_.isOnline) {
            online = forecasts(online_, horizon);
            experts.push_back(&online.p50);
            score.relativeMae["model_online"] = relative(online.p50);
            score.coverageP90["model_online"] = coverageOf(online.p90, horizon);
        }
        score.relativeMae["gated"] = relative(gated(experts, horizon));
        return score;
    }

    const TorchModule& module_;
    const EvalSetup& setup_;
    Prepared data_;
    Outputs zeroShot_;
    Outputs online_;
};

Status checkSetup(const EvalSetup& setup)
{
    for (const int horizon : setup.horizons)
        if (horizon < 1 || horizon > kHorizonTicks.back())
            return Error{Errc::kInvalid, "horizon " + std::to_string(horizon)
                                             + " is out of range: the model forecasts 1 to "
                                             + std::to_string(kHorizonTicks.back())
                                             + " steps: give --horizons within that"};
    if (setup.trainFraction < 0.05 || setup.trainFraction > 0.95)
        return Error{Errc::kInvalid,
                     "the training fraction is out of range: give --train-fraction 0.05 to 0.95"};
    if (setup.values.size() < kRowsMin)
        return Error{Errc::kInvalid, "the series is too short to score: it has "
                                         + std::to_string(setup.values.size())
                                         + " values: give at least " + std::to_string(kRowsMin)};
    return {};
}

// Keeps what was forecast for each shard until a second later.
class StreamScorer {
public:
    Status step(const TorchModel& model, const std::vector<ShardTick>& tick)
    {
        ++ticks_;
        std::vector<float> rows(tick.size() * kFeatureCount);
        for (std::size_t i = 0; i < tick.size(); ++i) {
            features_.push(tick[i]);
            reactive_.push(tick[i]);
            features_.row(tick[i].shard, rows.data() + i * kFeatureCount);
            settle(tick[i]);
        }
        const auto out = model.predict(rows);
        if (!out.ok()) return out.error();
        for (std::size_t i = 0; i < tick.size(); ++i)
            keep(tick[i].shard,
                 out->data() + i * kOutputCount + kOneSecondHorizon * kQuantileCount);
        return {};
    }

    struct Sums {  // of absolute errors
        double model = 0;
        double last = 0;
        double mean5 = 0;
        double mean20 = 0;
        double ewma = 0;
        std::size_t covered = 0;
        std::size_t forecasts = 0;
    };
    const Sums& sums() const { return sums_; }

private:
    struct Forecast {
        double last, mean5, mean20, ewma, p50, p90;
    };
    struct Shard {
        std::deque<PerMille> loads;  // of the last kLongMean ticks, newest last
        double ewma = 0;
        std::deque<Forecast> waiting;
    };
    static constexpr std::size_t kHorizon = kHorizonTicks[kOneSecondHorizon];
    static constexpr std::size_t kLongMean = 20;

    static double meanOfNewest(const Shard& shard, std::size_t ticks)
    {
        const std::size_t count = std::min(ticks, shard.loads.size());
        const auto from = shard.loads.end() - static_cast<std::ptrdiff_t>(count);
        return std::accumulate(from, shard.loads.end(), 0.0) / static_cast<double>(count);
    }

    void settle(const ShardTick& tick)
    {
        Shard& shard = shards_[tick.shard];
        shard.loads.push_back(tick.actual);
        if (shard.loads.size() > kLongMean) shard.loads.pop_front();
        shard.ewma += kEwmaFactor * (tick.actual - shard.ewma);
        if (shard.waiting.size() < kHorizon) return;
        const Forecast past = shard.waiting.front();
        shard.waiting.pop_front();
        if (ticks_ < kHistoryTicks) return;
        const double actual = meanOfNewest(shard, kHorizon);
        sums_.model += std::abs(actual - past.p50);
        sums_.last += std::abs(actual - past.last);
        sums_.mean5 += std::abs(actual - past.mean5);
        sums_.mean20 += std::abs(actual - past.mean20);
        sums_.ewma += std::abs(actual - past.ewma);
        sums_.covered += actual <= past.p90 ? 1U : 0U;
        ++sums_.forecasts;
    }

    void keep(ShardId id, const float* quantiles)
    {
        const double newest = features_.last(id);
        const double scale = features_.volatility(id);
        Shard& shard = shards_[id];
        shard.waiting.push_back({.last = newest,
                                 .mean5 = static_cast<double>(reactive_.estimate(id).p50),
                                 .mean20 = meanOfNewest(shard, kLongMean),
                                 .ewma = shard.ewma,
                                 .p50 = newest + scale * quantiles[1],
                                 .p90 = newest + scale * quantiles[2]});
    }

    FeatureBuilder features_;
    ReactiveEstimator reactive_;
    std::map<ShardId, Shard> shards_;
    Sums sums_;
    int ticks_ = 0;
};

}  // namespace

Result<EvalReport> evaluateSeries(const TorchModule& module, BytesView model,
                                  const EvalSetup& setup)
{
    FS_TRY_STATUS(checkSetup(setup));
    return SeriesScorer(module, setup).score(model);
}

Result<StreamScore> evaluateStream(const TorchModel& model, const TickStream& stream)
{
    FS_CHECK(stream.ticks.size() > 2 * kHistoryTicks);
    StreamScorer scorer;
    for (const auto& tick : stream.ticks)
        FS_TRY_STATUS(scorer.step(model, tick));
    const StreamScorer::Sums& sums = scorer.sums();
    StreamScore score;
    score.versusLast = sums.model / sums.last;
    score.versusMean5 = sums.model / sums.mean5;
    score.versusMean20 = sums.model / sums.mean20;
    score.versusEwma = sums.model / sums.ewma;
    score.coverageP90 = static_cast<double>(sums.covered) / static_cast<double>(sums.forecasts);
    score.forecasts = sums.forecasts;
    return score;
}

Result<StreamScore> evaluateStreams(const TorchModel& model, std::uint64_t seed,
                                    std::uint32_t streams, std::uint32_t ticks)
{
    FS_CHECK(streams > 0);
    StreamScore score;
    for (std::uint32_t i = 0; i < streams; ++i) {
        TickGenerator generator({.seed = seed + i});
        TickStream stream;
        for (std::uint32_t t = 0; t < ticks; ++t)
            stream.ticks.push_back(generator.next());
        FS_TRY(const StreamScore one, evaluateStream(model, stream));
        score.versusLast *= std::pow(one.versusLast, 1.0 / streams);
        score.versusMean5 *= std::pow(one.versusMean5, 1.0 / streams);
        score.versusMean20 *= std::pow(one.versusMean20, 1.0 / streams);
        score.versusEwma *= std::pow(one.versusEwma, 1.0 / streams);
        score.coverageP90 += one.coverageP90 / streams;
        score.forecasts += one.forecasts;
    }
    return score;
}

}  // namespace foreshard
