import Synchronization

/// A mistake that a programmer could have made, planted where it would be made, to test the simulator with: a simulator that
/// does not find it would not find the real one either. Its name is what `simulate check --mutant` takes.
///
/// Mistakes can be planted in debug builds, and in others with `-Xswiftc -DLOCKSTEP_MUTANTS`. Everywhere else
/// ``isPlanted`` is a constant, and the optimizer removes what depends on it. It has to be public for that: code of the package
/// alone is not inlined into other modules.
@_documentation(visibility: internal)
public enum Mutant: Int, CaseIterable, Sendable {
    case syncOfFileLeftOut = 1
    case syncOfFoldersLeftOut
    case syncOfManifestNameLeftOut
    case namesBeforeManifest
    case failedWriteIgnored
    case failureKeptToItself
    case failureUnheard
    case pendingOfPublishedRemoved
    case leftoversOfOthersRemoved
    case retentionBeforePublish
    case newestNotKept
    case retentionByStep
    case branchForgotten
    case stopReadAfterReduce
    case ownMarkFirst
    case deadlineWithoutSave
    case haltSettledEarly
    case haltNotSettled
    case newestByClock
    case epochBegunAnew
    case positionAhead
    case optimizerNotRestored
    case lockLetGo
    case failedSaveCounts
    case failedSaveExitsWithZero
    case reserveStays
    case exitSetPlain

    /// What must always hold.
    package enum Promise: String, CaseIterable, Sendable {
        case setIsWhole = "an old or a new set is whole on durable storage"
        case nobodyWaitsInVain = "nobody waits for somebody who has left"
        case sameStep = "all ranks stop after the same step"
        case answeredOnce = "a request is answered exactly once or is still pending"
        case sameBits = "a run carried on ends with the bits of a run that nobody disturbed"
        case keptSetsStay = "retention removes no set that it is to keep, the newest above all"
        case exitCodes = "exit codes are those that are documented"
        case nothingTemporary = "nothing temporary is left after a clean end"
        case nothingPlain = "with a key, no plain byte of a parameter reaches the disk"
    }

    #if DEBUG || LOCKSTEP_MUTANTS
        private static let planted = Atomic(0)

        /// Whether this build has mistakes to plant.
        package static var canBePlanted: Bool { true }

        /// Makes this mistake from now on, in the whole process and at most one; nil makes none.
        package static func plant(_ mutant: Mutant?) { planted.store(mutant?.rawValue ?? 0, ordering: .relaxed) }

        /// Whether this mistake is made.
        public var isPlanted: Bool { Self.planted.load(ordering: .relaxed) == rawValue }
    #else
        /// Whether this build has mistakes to plant.
        package static var canBePlanted: Bool { false }

        /// Nothing can be planted in this build.
        package static func plant(_ mutant: Mutant?) {
            precondition(mutant == nil, "this build has no mutants; build with -Xswiftc -DLOCKSTEP_MUTANTS")
        }

        /// Whether this mistake is made.
        @inlinable public var isPlanted: Bool { false }
    #endif
}

// Its description is its name, by which it is asked for.
extension Mutant {
    /// The mistake in one sentence.
    package var sentence: String { facts.sentence }

    /// What it breaks: one of these shows it.
    package var breaks: [Promise] { facts.breaks }

    private var facts: (sentence: String, breaks: [Promise]) {
        guard let facts = Self.table[self] else { fatalError("\(rawValue) is not in the table") }
        return facts
    }

    private static let table: [Mutant: (sentence: String, breaks: [Promise])] = [
        .syncOfFileLeftOut: ("files of a set are not synchronized before they are closed", [.setIsWhole]),
        .syncOfFoldersLeftOut: ("folders are not synchronized after files were made in them", [.setIsWhole]),
        .syncOfManifestNameLeftOut: (
            "the directory is not synchronized after the manifest got its name", [.setIsWhole]
        ),
        .namesBeforeManifest: ("files get their final names before the manifest has its own", [.setIsWhole]),
        .failedWriteIgnored: ("a file that could not be written whole is a part of the set", [.setIsWhole]),
        .failureKeptToItself: (
            "a rank that cannot write throws by itself, before the ranks agree on it", [.nobodyWaitsInVain]
        ),
        .failureUnheard: (
            "a failure in a hook is agreed on only if rank 0 has it", [.nobodyWaitsInVain, .sameStep, .exitCodes]
        ),
        .pendingOfPublishedRemoved: (
            "the clean-up at the start takes files of a published set that do not have their names yet",
            [.setIsWhole]
        ),
        .leftoversOfOthersRemoved: (
            "a run cleans up before it has the lock, beside the run that is saving", [.setIsWhole, .exitCodes]
        ),
        .retentionBeforePublish: ("old sets make room before the new one is published", [.setIsWhole]),
        .newestNotKept: ("the newest set stays only if a rule wants it", [.keptSetsStay, .setIsWhole]),
        .retentionByStep: (
            "of the sets of a run that has gone back, those of the highest steps stay", [.keptSetsStay, .setIsWhole]
        ),
        .branchForgotten: (
            "sets that the run has gone back behind push out those that it follows", [.keptSetsStay]
        ),
        .stopReadAfterReduce: (
            "a request that comes while the ranks agree is acted on by the rank that has it",
            [.nobodyWaitsInVain, .sameStep]
        ),
        .ownMarkFirst: (
            "a rank that is asked leaves the loop before the others know of it", [.sameStep, .nobodyWaitsInVain]
        ),
        .deadlineWithoutSave: (
            "a deadline leaves time for a step and none for the save", [.answeredOnce, .exitCodes]
        ),
        .haltSettledEarly: ("a halt request is removed before the set that answers it is published", [.answeredOnce]),
        .haltNotSettled: ("a halt request stays after the set that answers it", [.answeredOnce]),
        .newestByClock: ("the set with the latest date is taken for the newest", [.sameBits, .keptSetsStay]),
        .epochBegunAnew: ("a run carries on at the beginning of the epoch", [.sameBits]),
        .positionAhead: ("a set says that one step more is made than its state has", [.sameBits]),
        .optimizerNotRestored: ("a run carries on without the state of the optimizer", [.sameBits]),
        .lockLetGo: ("the lock of the directory is let go of when the run begins", [.setIsWhole, .exitCodes]),
        .failedSaveCounts: ("a save that failed counts as made, and the run goes on", [.exitCodes, .setIsWhole]),
        .failedSaveExitsWithZero: ("a stop whose save failed ends with code 0", [.exitCodes]),
        .reserveStays: ("the reserve beside status.json stays after the end", [.nothingTemporary]),
        .exitSetPlain: ("the set of a stop is not encrypted", [.nothingPlain]),
    ]
}
