public import Datasets
import SystemPackage

/// Handwritten digits that the program carries in itself, so that it trains without any file.
///
/// The 8×8 images of the UCI data set "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, 1998;
/// CC BY 4.0); see Resources/README.md.
public enum Digits {
    /// The 1437 samples to train on.
    public static let train = dataset(images: EmbeddedDigits.trainImages, labels: EmbeddedDigits.trainLabels)

    /// The 360 samples to test with.
    public static let test = dataset(images: EmbeddedDigits.testImages, labels: EmbeddedDigits.testLabels)

    private static func dataset(images: String, labels: String) -> ImageDataset {
        do {
            return try ImageDataset(
                images: file(images, name: "the embedded images"), labels: file(labels, name: "the embedded labels"))
        } catch {
            fatalError("the embedded digits are damaged: \(error)")
        }
    }

    private static func file(_ text: String, name: FilePath) throws(DataError) -> IDXFile {
        guard let bytes = Base64.decode(text) else { throw .badFile(name, "are no base64 text") }
        return try IDXFile(bytes, path: name)
    }
}
