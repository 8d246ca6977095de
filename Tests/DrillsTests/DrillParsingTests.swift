import Drills
import Glibc
import Testing

@Suite struct DrillParsingTests {
    @Test func readsTheExampleOfTheManual() throws {
        let text =
            "sigterm@rank3:step17; kill@rank1:save; enospc@rank0:save; slow@rank2:200ms; throw@rank5:step4; "
            + "stall@rank4:step9"
        #expect(
            try Drill.parse(text) == [
                Drill(.signal(SIGTERM), at: .rank(3), .step(17)),
                Drill(.signal(SIGKILL), at: .rank(1), .save(1)),
                Drill(.diskFull, at: .rank(0), .save(1)),
                Drill(.slow, at: .rank(2), .everyStep, for: .milliseconds(200)),
                Drill(.error, at: .rank(5), .step(4)),
                Drill(.stall, at: .rank(4), .step(9)),
            ])
    }

    @Test(arguments: [
        "sigusr1@launcher:startup", "stop@rank0:load", "file@rank7:eval", "stall@rank2:epoch3:1500ms",
        "eio@rank1:save2:op7", "kill@rank0:laststep", "sigterm@rank1:stopping", "slow@rank0:1ms",
        "throw@rank1:eval2", "halt@rank5:step17",
    ])
    func textOfADrillIsReadAgain(text: String) throws {
        #expect(try Drill.parse(text).map(\.description) == [text])
    }

    @Test func killIsASignalToo() throws {
        #expect(try Drill.parse("sigkill@rank1:save") == Drill.parse("kill@rank1:save"))
    }

    @Test func spacesAndEmptyPartsDoNotMatter() throws {
        #expect(try Drill.parse(" ; kill @ rank1 : step2 : ; ".replacing(" : ;", with: ";")).count == 1)
    }

    @Test(arguments: [
        ("", "there is no drill in the text; write some, as in sigterm@rank3:step17"),
        ("sigterm", "\"sigterm\" is no drill; write what@who:when, as in sigterm@rank3:step17"),
        ("sigterm@rank3", "\"sigterm@rank3\" is no drill; write what@who:when, as in sigterm@rank3:step17"),
        (
            "kill@node3:save",
            "\"node3\" in \"kill@node3:save\" is nobody; write rank and its number, as in rank3, or launcher"
        ),
        ("enospc@rank0:step3", "\"enospc@rank0:step3\" cannot happen: only save and load use files"),
        ("slow@rank0:step3", "\"slow@rank0:step3\" cannot happen: slow needs a duration, as in slow@rank2:200ms"),
        ("kill@rank0:step3:2s", "\"kill@rank0:step3:2s\" cannot happen: only slow and stall have a duration"),
        ("throw@launcher:step3", "\"throw@launcher:step3\" cannot happen: all that a launcher can get is a signal"),
        ("kill@rank0:step3:op2", "\"kill@rank0:step3:op2\" cannot happen: only save counts operations"),
    ])
    func refusalNamesTheBadPart(text: String, sentence: String) {
        #expect(failure(of: text) == sentence)
    }

    @Test(arguments: ["explode@rank0:step1", "kill@rank0:step0", "kill@rank0:noon", "kill@rank0:step3:step4"])
    func refusalSaysWhatMayStandThere(text: String) {
        #expect(failure(of: text)?.contains("choose among") == true)
    }

    private func failure(of text: String) -> String? {
        do {
            _ = try Drill.parse(text)
            return nil
        } catch {
            return error.description
        }
    }
}
