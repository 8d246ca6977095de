import Collectives
import CollectivesTestKit
import Datasets
import Files
import Foundation
import SystemPackage
import Tensors
import Testing

/// Pictures in a part to train on and one to test with.
struct ImageFoldersTests {
    private let folder: DataFolder

    init() throws { folder = try DataFolder() }

    private func write(_ pictures: String...) throws {
        for picture in pictures {
            let parts = picture.split(separator: "/").map(String.init)
            try folder.write([parts.last ?? "": PictureTests.ppm], in: parts.dropLast().joined(separator: "/"))
        }
    }

    private var complaint: String? {
        do {
            _ = try ImageFolders(folder.path).pictures(train: true, size: 2)
            return nil
        } catch {
            return "\(error)".replacing(folder.path.string, with: "DIR")
        }
    }

    @Test func bothPartsHaveTheSameLabels() throws {
        try write("train/dog/1.ppm", "train/cat/2.ppm", "train/cat/3.ppm", "val/cat/4.ppm", "test/bird/1.ppm")
        try folder.write([:], in: "val/dog")
        let folders = try ImageFolders(folder.path)
        #expect(folders.classes == ["cat", "dog"] && folders.test.lastComponent?.string == "val")
        #expect(try folders.pictures(train: true, size: 2).count == 3)
        // A class may have no pictures to test with.
        #expect(try folders.pictures(train: false, size: 2).count == 1)
    }

    /// Five pixels by two: two columns in the middle stand where the picture is not pressed together.
    @Test func picturesAreCutToTheirMiddle() throws {
        try write("train/dog/1.ppm", "train/cat/2.ppm", "test/dog/1.ppm")
        let wide = Array("P6 5 2 255\n".utf8) + (0..<30).map { UInt8($0 * 8) }
        try folder.write(["1.ppm": wide], in: "test/cat")
        let images = try ImageFolders(folder.path).pictures(train: false, size: 2).samples([0])[0]
        let red = [1, 2, 6, 7].map { (pixel: Int) -> Float in Float(3 * pixel * 8) / 255 }
        #expect(Array(images.elements(of: Float.self)[..<4]) == red)
    }

    @Test func whatIsMissingIsNamed() throws {
        let needed = "DIR needs a folder 'train' and a folder 'val' or 'test', each with a folder for each class"
        #expect(complaint == needed)
        try folder.write(["notes.txt": [1]], in: "train")
        #expect(complaint == needed)
        try folder.write([:], in: "val")
        let two = "it needs a folder for each of two or more classes"
        #expect(complaint == "DIR/train has no folders; \(two)")
        try folder.write(["notes.txt": [1]], in: "train/cat")
        try folder.write([:], in: "val/cat")
        #expect(complaint == "DIR/train has one class, 'cat'; \(two)")
        try folder.write([:], in: "train/dog")
        #expect(complaint == "DIR/train has a class 'dog', and DIR/val has none; both need the same")
        try folder.write([:], in: "val/dog")
        try folder.write([:], in: "val/eel")
        #expect(complaint == "DIR/val has a class 'eel', and DIR/train has none; both need the same")
        try folder.write([:], in: "train/eel")
        #expect(complaint?.hasPrefix("DIR/train has no pictures in its 3 folders; ") == true)
        try write("train/cat/1.ppm", "train/eel/1.ppm")
        #expect(complaint?.hasPrefix("DIR/train/dog has no pictures (PNG, JPEG, ") == true)
        try write("train/dog/1.ppm")
        #expect(complaint == nil)
    }

    /// One that sees another part to test with, or other classes, is named by all.
    @Test func ranksThatSeeOthersAreTold() throws {
        let other = try DataFolder()
        for part in ["train", "val"] {
            for name in ["cat", "dog"] {
                try write("\(part)/\(name)/1.ppm")
                try other.write(["1.ppm": PictureTests.ppm], in: "\(part == "val" ? "test" : part)/\(name)")
            }
        }
        let paths = [folder.path, other.path]
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            _ = try ImageFolders(paths[world.rank], sharedBy: world)
        }
        for outcome in outcomes {
            let error = #expect(throws: DataError.self) { try outcome.get() }
            #expect(error?.description.contains("rank 1 sees the folder test to test with") == true, "\(error as Any)")
        }
    }

    /// One renamed file has another place in the order of samples, and no other count.
    @Test func aRenamedPictureIsToldByTheFingerprint() throws {
        try write("a/1.ppm", "b/2.ppm")
        let before = try ImageFolderDataset(directory: folder.path, height: 1, width: 1).fingerprint()
        #expect(try ImageFolderDataset(directory: folder.path, height: 1, width: 1).fingerprint() == before)
        try FileManager.default.moveItem(
            atPath: folder.path.appending("b/2.ppm").string, toPath: folder.path.appending("b/3.ppm").string)
        #expect(try ImageFolderDataset(directory: folder.path, height: 1, width: 1).fingerprint() != before)
    }
}
