import Layouts
public import Tensors

extension ShardedParameter {
    /// The same parameter with its slice elsewhere in memory, such as a copy that does not change any more.
    public func holding(_ local: Tensor) -> ShardedParameter {
        precondition(local.type == self.local.type, "\(local.type) is not the slice of \(name), \(self.local.type)")
        return ShardedParameter(name: name, type: type, sharding: sharding, local: local)
    }

    private init(name: String, type: TensorType, sharding: TensorSharding?, local: Tensor) {
        self.name = name
        self.type = type
        self.sharding = sharding
        self.local = local
    }
}
