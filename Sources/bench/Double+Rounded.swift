extension Double {
    /// The number with so many digits behind the point.
    func rounded(digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        // A ratio may be no number, or one without end.
        guard magnitude * scale < 1e15 else { return "\(self)" }
        let whole = Int((magnitude * scale).rounded())
        let sign = self < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let fraction = String(whole % Int(scale))
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(sign)\(whole / Int(scale)).\(zeros)\(fraction)"
    }
}
