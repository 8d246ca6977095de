@_exported public import RankTestKit
