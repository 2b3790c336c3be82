"""Swap-or-not shuffle, written independently of the Java code; prints the golden values of PermutationTest."""

MASK = (1 << 64) - 1
GOLDEN_GAMMA = 0x9E3779B97F4A7C15


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def key(*parts):
    result = 0
    for part in parts:
        result = mix((result + GOLDEN_GAMMA + mix((part + GOLDEN_GAMMA) & MASK)) & MASK)
    return result


def at(size, seed, x):
    for number in range(1, 24 + 6 * size.bit_length() + 1):
        round_key = mix((seed + number * GOLDEN_GAMMA) & MASK)
        pivot = (round_key * size) >> 64
        partner = (pivot - x) % size
        if mix((round_key + (max(x, partner) + 1) * GOLDEN_GAMMA) & MASK) >> 63:
            x = partner
    return x


print([at(10, 42, index) for index in range(10)])
print(at(1 << 40, 42, 123_456_789))
print(hex(key(1, 2, 3)))
