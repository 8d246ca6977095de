public import Datasets
import Files
import SystemPackage

extension TextCorpus {
    /// The text that the program carries in itself: Ambrose Bierce, "The Devil's Dictionary" (1911; public domain).
    public static let devilsDictionary: TextCorpus = {
        do throws(GzipError) {
            guard let bytes = Base64.decode(EmbeddedText.devilsDictionary) else {
                fatalError("the embedded text is no base64")
            }
            return TextCorpus(FileSlice(try Gzip.inflate(bytes, limit: 1 << 24), path: "the embedded text"))
        } catch {
            fatalError("the embedded text is damaged: \(error)")
        }
    }()
}
