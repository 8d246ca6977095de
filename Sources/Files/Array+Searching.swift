extension Array {
    /// The place of the first element of which something is true that is true of all behind it too, found by halving; the
    /// number of elements where it is true of none.
    package func place(ofFirst isTrue: (Element) -> Bool) -> Int {
        var places = 0..<count
        while !places.isEmpty {
            let middle = places.lowerBound + places.count / 2
            places = isTrue(self[middle]) ? places.lowerBound..<middle : middle + 1..<places.upperBound
        }
        return places.lowerBound
    }
}
