extension Float {
    /// The deviation of first values that suits pre-norm blocks of a width (Nguyen and Salazar, 2019).
    static func smallDeviation(ofWidth width: Int) -> Float { (2 / Float(5 * width)).squareRoot() }
}
