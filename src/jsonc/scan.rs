//! Bytes of JSON that are passed over eight at a time, as SIMD within a register (SWAR): most bytes of a text stand in
//! strings and in indents.

/// How many spaces come first.
pub(super) fn spaces(bytes: &[u8]) -> usize {
    passed_over(bytes, |eight| !eq_mask(eight, b' '), |byte| byte != b' ')
}

/// How many bytes of a string come before the first quote, backslash or control character.
pub(super) fn plain_characters(bytes: &[u8]) -> usize {
    passed_over(
        bytes,
        |eight| eq_mask(eight, b'"') | eq_mask(eight, b'\\') | lt_mask(eight, b' '),
        |byte| matches!(byte, b'"' | b'\\' | 0..b' '),
    )
}

/// Eight bytes of a text, the first in the lowest place.
type Eight = u64;

/// The highest bit of each byte: a mark for it.
const MARKS: Eight = splat(0x80);

/// How many bytes come before the first at which the run ends. The mask marks the same bytes in eight at once.
fn passed_over(bytes: &[u8], mask: impl Fn(Eight) -> Eight, ends: impl Fn(u8) -> bool) -> usize {
    let (eights, rest) = bytes.as_chunks();
    for (index, eight) in eights.iter().enumerate() {
        let ends = mask(Eight::from_le_bytes(*eight)) & MARKS;
        if ends != 0 {
            return 8 * index + ends.trailing_zeros() as usize / 8;
        }
    }
    let end = rest.iter().position(|byte| ends(*byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + end
}

const fn splat(byte: u8) -> Eight {
    Eight::from_le_bytes([byte; 8])
}

/// Marks the bytes that are this one. No sum goes beyond its byte.
fn eq_mask(eight: Eight, byte: u8) -> Eight {
    let other = eight ^ splat(byte);
    !(((other & !MARKS) + !MARKS) | other)
}

/// Marks the bytes below this one, which is ASCII.
fn lt_mask(eight: Eight, byte: u8) -> Eight {
    !(((eight & !MARKS) + splat(0x80 - byte)) | eight)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eight_at_a_time_are_the_same_as_one_by_one(bytes in prop::collection::vec(prop_oneof![
            Just(b' '), Just(b'"'), Just(b'\\'), 0x1e..0x23_u8, 0x7e..0x83_u8, any::<u8>(),
        ], 0..40)) {
            let length = |ends: fn(&u8) -> bool| bytes.iter().position(ends).unwrap_or(bytes.len());
            prop_assert_eq!(spaces(&bytes), length(|byte| *byte != b' '));
            prop_assert_eq!(plain_characters(&bytes), length(|byte| *byte < b' ' || b"\"\\".contains(byte)));
        }
    }
}
