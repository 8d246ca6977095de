/// An operation with which a matrix product can finish its result itself, while it is in the cache.
package protocol FinishesProduct: Operation {
    /// What it is to the product; nil if it is nothing with these settings.
    var finish: ProductFinish? { get }
}

/// What a matrix product does to its result before it writes it.
package enum ProductFinish {
    case bias, geluGradient, addend, relu, gelu

    /// Whether the chain's value must be its first input.
    package var readsChainFirst: Bool { self == .bias || self == .geluGradient }

    /// Whether it can come in a chain behind `last`, nil for the product.
    package func canFollow(_ last: ProductFinish?, isOnlyReader: Bool) -> Bool {
        switch (last, self) {
        case (nil, .bias), (nil, .geluGradient), (.bias, .addend), (.bias, .relu): isOnlyReader
        // The gradient reads what GELU was given, so it is kept.
        case (.bias, .gelu): true
        default: false
        }
    }
}

extension Node {
    /// What it is to a matrix product before it.
    package var finish: ProductFinish? { (operation as? any FinishesProduct)?.finish }
}

/// A product of two matrices, either of them transposed on reading, whose result the operations behind it can finish.
package protocol FinishableProduct: Operation {
    /// Whether the first matrix is read transposed.
    var transposeA: Bool { get }

    /// Whether the second one is.
    var transposeB: Bool { get }
}
