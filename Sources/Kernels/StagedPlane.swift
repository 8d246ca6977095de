/// How one axis of a plane lies in scratch memory: position `p` there holds element `(p − before) / gap` of the plane
/// if that is one, and zero otherwise.
struct StagedAxis {
    /// The length of the plane's axis.
    let length: Int

    /// The zeros in front; less than zero where the front of the plane is not needed.
    let before: Int

    /// The distance of neighbours: more than 1 where the gradient of a convolution with strides is spread out.
    let gap: Int

    /// The element at a position; nothing where a zero belongs.
    @inline(__always)
    func element(at position: Int) -> Int? {
        let distance = position - before
        guard distance >= 0, distance % gap == 0, distance / gap < length else { return nil }
        return distance / gap
    }
}

/// A channel of an image in scratch memory, laid out so that the lanes of an output row read consecutive numbers.
///
/// A row of the padded image is split into `phases` parts, one for each remainder of its positions by the horizontal
/// stride: with a stride of 2, the even positions stand first, then the odd ones.
struct StagedPlane {
    let vertical: StagedAxis
    let horizontal: StagedAxis

    /// The number of rows.
    let rows: Int

    /// The number of parts of a row, which is the horizontal stride.
    let phases: Int

    /// The length of a part: the output's width in whole lanes, and what the window reaches beyond.
    let pitch: Int

    /// The length of a row.
    let rowLength: Int

    /// The number of elements.
    let count: Int

    /// The plane over which the window of `height` and `width` slides.
    init(height: WindowAxis, width: WindowAxis) {
        vertical = StagedAxis(length: height.input, before: height.paddingBefore, gap: 1)
        horizontal = StagedAxis(length: width.input, before: width.paddingBefore, gap: 1)
        rows = (height.output - 1) * height.stride + height.extent
        phases = width.stride
        pitch = wholeLanes(width.output) + (width.extent - 1) / width.stride
        rowLength = phases * pitch
        count = rows * rowLength
    }

    /// The plane of output gradients over which the reversed window slides to give the input's gradient.
    init(gradientOf height: WindowAxis, _ width: WindowAxis) {
        vertical = StagedAxis(
            length: height.output, before: height.extent - 1 - height.paddingBefore, gap: height.stride)
        horizontal = StagedAxis(length: width.output, before: width.extent - 1 - width.paddingBefore, gap: width.stride)
        rows = height.input + height.extent - 1
        phases = 1
        pitch = wholeLanes(width.input) + width.extent - 1
        rowLength = pitch
        count = rows * rowLength
    }

    /// The distance in a row from where the window begins to a position of it.
    @inline(__always)
    func offset(ofColumn position: Int) -> Int {
        phases == 1 ? position : position % phases &* pitch &+ position / phases
    }

    /// Copies a plane to `staged`, zeros included.
    func fill(_ staged: UnsafeMutablePointer<Float>, from plane: UnsafePointer<Float>) {
        for row in 0..<rows {
            let target = unsafe staged + row * rowLength
            guard let source = vertical.element(at: row) else {
                unsafe target.update(repeating: 0, count: rowLength)
                continue
            }
            unsafe fillRow(target, from: plane + source * horizontal.length)
        }
    }

    private func fillRow(_ target: UnsafeMutablePointer<Float>, from source: UnsafePointer<Float>) {
        guard phases == 1 && horizontal.gap == 1 else {
            unsafe target.update(repeating: 0, count: rowLength)
            for phase in 0..<phases {
                // Either the elements or the places lie side by side.
                var place = (0..<pitch).first { horizontal.element(at: $0 * phases + phase) != nil } ?? pitch
                var element = (place * phases + phase - horizontal.before) / horizontal.gap
                while place < pitch && element < horizontal.length {
                    unsafe target[phase &* pitch &+ place] = source[element]
                    (place, element) = (place &+ horizontal.gap, element &+ phases)
                }
            }
            return
        }
        let first = min(max(horizontal.before, 0), pitch)
        let skipped = first - horizontal.before
        let copied = max(min(horizontal.length - skipped, pitch - first), 0)
        for place in 0..<first { unsafe target[place] = 0 }
        forEachLanes(of: copied) { place, width in
            unsafe Lanes(at: source + skipped + place, width: width).store(to: target + first + place, width: width)
        }
        for place in first + copied..<pitch { unsafe target[place] = 0 }
    }
}

/// `count` rounded up to whole lanes.
@inline(__always)
func wholeLanes(_ count: Int) -> Int {
    (count + Lanes.scalarCount - 1) & ~(Lanes.scalarCount - 1)
}

extension StagedPlane {
    /// Copies a plane back from where ``fill(_:from:)`` put it: what no window reaches is zero.
    func empty(_ staged: UnsafePointer<Float>, into plane: UnsafeMutablePointer<Float>) {
        for row in 0..<vertical.length {
            let target = unsafe plane + row * horizontal.length
            let place = row + vertical.before
            guard place < rows else {
                unsafe target.update(repeating: 0, count: horizontal.length)
                continue
            }
            unsafe emptyRow(staged + place * rowLength, into: target)
        }
    }

    private func emptyRow(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        guard phases > 1 else {
            let copied = max(min(horizontal.length, pitch - horizontal.before), 0)
            unsafe target.update(from: source + horizontal.before, count: copied)
            unsafe (target + copied).update(repeating: 0, count: horizontal.length - copied)
            return
        }
        var (phase, place) = (horizontal.before % phases, horizontal.before / phases)
        for column in 0..<horizontal.length {
            unsafe target[column] = place < pitch ? source[phase * pitch + place] : 0
            phase += 1
            if phase == phases { (phase, place) = (0, place + 1) }
        }
    }
}
