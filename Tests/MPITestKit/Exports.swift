@_exported public import RankKit
