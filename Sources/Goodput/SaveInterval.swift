import Foundation

/// How much work to do between two saves, and what that leaves of the time, by the formulas in print.
///
/// All of them know failures that come at random (a Poisson process), a run that waits for each save, and one kind of set.
/// Times are seconds: `save` is how long a save keeps the run, `mtbf` the mean time between failures of the whole job.
public enum SaveInterval {
    /// Young's first-order optimum, √(2δM): J. W. Young, "A First Order Approximation to the Optimum Checkpoint
    /// Interval", Communications of the ACM 17(9), 1974.
    public static func young(save: Double, mtbf: Double) -> Double { (2 * save * mtbf).squareRoot() }

    /// Daly's optimum of higher order, √(2δM)·[1 + ⅓·√(δ/2M) + ⅑·(δ/2M)] − δ, and M where a save takes twice that or
    /// longer: J. T. Daly, "A Higher Order Estimate of the Optimum Checkpoint Interval for Restart Dumps", Future
    /// Generation Computer Systems 22(3), 2006.
    public static func daly(save: Double, mtbf: Double) -> Double {
        guard save < 2 * mtbf else { return mtbf }
        let ratio = save / (2 * mtbf)
        return young(save: save, mtbf: mtbf) * (1 + ratio.squareRoot() / 3 + ratio / 9) - save
    }

    /// The time that so much work takes on average, M·e^(R/M)·(e^((τ+δ)/M) − 1)·T/τ, by the same paper.
    ///
    /// A failure may come in a save and in a restart too, which takes `restart`.
    public static func expectedTime(
        work: Double, interval: Double, save: Double, restart: Double, mtbf: Double
    ) -> Double {
        mtbf * exp(restart / mtbf) * expm1((interval + save) / mtbf) * work / interval
    }

    /// The share of the time that is work which stays, by ``expectedTime(work:interval:save:restart:mtbf:)``.
    public static func expectedGoodput(interval: Double, save: Double, restart: Double, mtbf: Double) -> Double {
        1 / expectedTime(work: 1, interval: interval, save: save, restart: restart, mtbf: mtbf)
    }
}
