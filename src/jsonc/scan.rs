//! Bytes of JSON that are passed over, eight at a time: most bytes of a text stand in strings and in indents.

/// How many spaces come first.
pub(super) fn spaces(bytes: &[u8]) -> usize {
    passed_over(bytes, |eight| !is(eight, b' '), |byte| byte != b' ')
}

/// How many bytes of a string come before the first quote, backslash or control character.
pub(super) fn plain_characters(bytes: &[u8]) -> usize {
    passed_over(
        bytes,
        |eight| is(eight, b'"') | is(eight, b'\\') | is_below(eight, b' '),
        |byte| matches!(byte, b'"' | b'\\' | 0..b' '),
    )
}

/// Eight bytes of a text, the first in the lowest place.
type Eight = u64;

/// The highest bit of each byte: a mark for it.
const MARKS: Eight = each(0x80);

/// How many bytes come before the first that is marked; both ways to mark it have to mean the same.
fn passed_over(bytes: &[u8], mark: impl Fn(Eight) -> Eight, marks: impl Fn(u8) -> bool) -> usize {
    let (eights, rest) = bytes.as_chunks();
    for (index, eight) in eights.iter().enumerate() {
        let marked = mark(Eight::from_le_bytes(*eight)) & MARKS;
        if marked != 0 {
            return 8 * index + marked.trailing_zeros() as usize / 8;
        }
    }
    let end = rest.iter().position(|byte| marks(*byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + end
}

const fn each(byte: u8) -> Eight {
    Eight::from_le_bytes([byte; 8])
}

/// Marks the bytes that are this one. No sum goes beyond its byte.
fn is(eight: Eight, byte: u8) -> Eight {
    let other = eight ^ each(byte);
    !(((other & !MARKS) + !MARKS) | other)
}

/// Marks the bytes below this one, which is ASCII.
fn is_below(eight: Eight, byte: u8) -> Eight {
    !(((eight & !MARKS) + each(0x80 - byte)) | eight)
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
