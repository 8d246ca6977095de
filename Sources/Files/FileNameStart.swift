/// What a name that others are made of may be: "CKP" of "CKP-2_7.ckpt", "Net" of "Net_train.mindir".
///
/// It is looked at when it is given, not when the file is to be written: by then the state would be lost.
package enum FileNameStart {
    /// How many bytes it may have. A file name has 255 at most; the rest is for rank, epoch, step, extension and what a
    /// file is called until it is published.
    package static let byteLimit = 100

    /// Whether a text can be the beginning of a file name, in one folder and on one line.
    package static func isValid(_ text: String) -> Bool {
        text.utf8.count <= byteLimit && !text.hasPrefix(".") && text.unicodeScalars.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: scalar != "/"
        }
    }

    /// The text on one line, shortened, and what is allowed instead: for the end of a sentence.
    package static func described(_ text: String) -> String {
        let shown = text.prefix(byteLimit).debugDescription + (text.count > byteLimit ? "…" : "")
        return "\(shown), of \(text.utf8.count) bytes; it must be the beginning of a file name: at most \(byteLimit) "
            + "bytes on one line, without \"/\" and with no dot in front"
    }
}
