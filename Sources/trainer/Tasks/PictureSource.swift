import ArgumentParser
import Lockstep
import SystemPackage

/// The pictures that a network of pictures learns from.
enum PictureSource {
    /// The digits that the program has in itself.
    case digits
    /// A folder with CIFAR-10's binary files.
    case cifar(FilePath)
    /// Folders of pictures, brought to squares of so many pixels.
    case folders(ImageFolders, size: Int)

    /// The sizes that pictures of somebody's own can have, and the one that they have if nobody says.
    static let sizes = 8...1024
    static let usualSize = 224

    /// From this size on networks and changes of pictures are those for ImageNet's; below, those for CIFAR's.
    private static let largeSize = 96

    var classes: Int {
        if case .folders(let folders, _) = self { folders.classes.count } else { 10 }
    }

    /// Digits are grey.
    var channels: Int {
        if case .digits = self { 1 } else { 3 }
    }

    /// The height and width.
    var size: Int {
        if case .folders(_, let size) = self { size } else { 32 }
    }

    var stem: ImageStem { size < Self.largeSize ? .small : .large }

    /// The sizes of a vision transformer for them.
    func transformerSizes() throws -> VisionTransformerSizes {
        var sizes = VisionTransformerSizes()
        sizes.channels = channels
        sizes.imageSize = size
        sizes.patchSize = stem == .small ? 4 : 16
        guard size % sizes.patchSize == 0 else {
            throw ValidationError(
                "--image-size is \(size); vit takes patches of \(sizes.patchSize), so it must be a multiple of that")
        }
        return sizes
    }

    /// Loads pictures; those in color are cut and turned over at random in training.
    func load(train: Bool, sharedBy world: any Communicator) throws -> any Dataset {
        switch self {
        case .digits: return train ? Digits.train : Digits.test
        case .cifar(let folder):
            let normal = Normalize(mean: CIFAR10.mean, std: CIFAR10.std)
            return try changed(CIFAR10.load(directory: folder, train: train, sharedBy: world), train: train, normal)
        case .folders(let folders, let size):
            // As the field tests: of a large picture an eighth of the sides is cut off.
            let margin = stem == .small ? 0 : size / 7
            let pictures = try folders.pictures(train: train, size: size + margin, sharedBy: world)
            let normal = Normalize(mean: ImageFolderDataset.mean, std: ImageFolderDataset.std)
            return try changed(pictures, train: train, normal)
        }
    }

    private func changed(_ pictures: any Dataset, train: Bool, _ normal: Normalize) throws -> any Dataset {
        let crop: any SampleTransform =
            stem == .small ? RandomCrop(size, padding: size / 8) : RandomResizedCrop(size)
        let changes: [any SampleTransform] = train ? [crop, RandomHorizontalFlip()] : [CenterCrop(size)]
        return try pictures.map(changes + [normal], inputColumn: "image")
    }
}

extension ModelOptions {
    /// The pictures that `--data` names. All ranks of `world` call it together.
    func pictures(sharedBy world: any Communicator) throws -> PictureSource {
        guard let folder = data.map({ FilePath(text: $0) }) else {
            if let imageSize { throw notOfFolders(imageSize) }
            return .digits
        }
        let hasParts = try world.together {
            try LocalFileSystem().status(of: folder.appending("train"))?.kind == .directory
        }
        // Where one rank sees them, all look, and say who does not.
        if try world.allReduce(hasParts ? 1 : 0 as Int64, with: .maximum) == 1 {
            return .folders(
                try ImageFolders(folder, sharedBy: world), size: imageSize ?? PictureSource.usualSize)
        }
        if let imageSize { throw notOfFolders(imageSize) }
        try world.together {
            guard try CIFAR10.paths(in: folder, train: true).isEmpty else { return }
            throw DataError.badFile(
                folder,
                "has neither CIFAR-10's \(CIFAR10.names(train: true).joined(separator: ", ")) nor folders 'train' and 'val' or "
                    + "'test' with a folder of pictures for each class")
        }
        return .cifar(folder)
    }

    private func notOfFolders(_ size: Int) -> ValidationError {
        ValidationError(
            "--image-size is \(size); it is for pictures of your own, in folders 'train' and 'val' of --data; leave it out"
        )
    }
}
