//! Products of 256 bits, which hold every product of two mantissas.

const LIMB_BITS: u32 = u64::BITS;

/// A number of 256 bits as four limbs, the least first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wide([u64; 4]);

/// The lower and the upper half of a number.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
fn halves(number: u128) -> (u64, u64) {
    (number as u64, (number >> LIMB_BITS) as u64)
}

/// The product of two numbers.
pub(crate) fn product(a: u128, b: u128) -> Wide {
    let (a, b): ([u64; 2], [u64; 2]) = (halves(a).into(), halves(b).into());
    let mut limbs = [0; 4];
    for (i, left) in a.into_iter().enumerate() {
        let mut carry = 0;
        for (j, right) in b.into_iter().enumerate() {
            // At most (2⁶⁴ - 1)² + 2 (2⁶⁴ - 1), which is 2¹²⁸ - 1.
            let sum = u128::from(left) * u128::from(right) + u128::from(limbs[i + j]) + u128::from(carry);
            (limbs[i + j], carry) = halves(sum);
        }
        limbs[i + 2] = carry;
    }
    Wide(limbs)
}

impl Wide {
    /// The quotient and the rest.
    pub(crate) fn divided_by(self, divisor: u64) -> (Self, u64) {
        let mut limbs = self.0;
        let mut rest = 0;
        for limb in limbs.iter_mut().rev() {
            // Division takes much longer where a number has more than 64 bits.
            (*limb, rest) = if rest == 0 {
                (*limb / divisor, *limb % divisor)
            } else {
                let part = (u128::from(rest) << LIMB_BITS) | u128::from(*limb);
                let quotient = part / u128::from(divisor);
                // The rest is less than the divisor, so that the quotient fits.
                (halves(quotient).0, halves(part - quotient * u128::from(divisor)).0)
            };
        }
        (Self(limbs), rest)
    }

    /// The number, when it fits into half of the bits.
    pub(crate) fn narrow(self) -> Option<u128> {
        let [low, high, above @ ..] = self.0;
        (above == [0, 0]).then_some((u128::from(high) << LIMB_BITS) | u128::from(low))
    }
}
