import Foundation
import Testing

@testable import Files

/// Mistakes that are planted on purpose, and by nobody else.
struct MutantTests {
    @Test func nothingIsPlantedUnlessSomebodyAsks() {
        #expect(Mutant.canBePlanted)
        #expect(Mutant.allCases.allSatisfy { !$0.isPlanted })
    }

    /// In a process of its own, which no other test runs in.
    @Test func oneIsPlantedAtATime() async {
        await #expect(processExitsWith: .success) {
            for mutant in Mutant.allCases {
                Mutant.plant(mutant)
                guard Mutant.allCases.filter(\.isPlanted) == [mutant] else { exit(EXIT_FAILURE) }
            }
            Mutant.plant(nil)
            if Mutant.allCases.contains(where: \.isPlanted) { exit(EXIT_FAILURE) }
        }
    }

    @Test func eachSaysWhatItBreaks() {
        #expect(Mutant.allCases.count >= 18)
        #expect(Mutant.allCases.map(\.rawValue) == Array(1...Mutant.allCases.count))
        #expect(Set(Mutant.allCases.map(\.sentence)).count == Mutant.allCases.count)
        for mutant in Mutant.allCases {
            #expect(!mutant.breaks.isEmpty, "\(mutant) breaks nothing")
            #expect(!mutant.sentence.hasSuffix("."))
        }
        // By its name launch/test asks for it.
        #expect("\(Mutant.stopReadAfterReduce)" == "stopReadAfterReduce")
        // A promise that no mutant breaks is one that the simulator may have forgotten.
        #expect(Set(Mutant.allCases.flatMap(\.breaks)) == Set(Mutant.Promise.allCases))
    }
}
