"""Logarithm, exponential and normal distribution from + − × ÷, sqrt and exact scaling by powers of two.

The C library's log and exp differ between machines (with and without fused multiply-add) in the last bit, and that bit
can decide whether an attempt is answered. These do not: every operation here is correctly rounded by IEEE 754, in the
order written, so the result is the same in CPython, in compiled code and on every machine. Errors are below 2 units in
the last place against the exact value (tests/rules/test_arithmetic.py measures them).
"""

from __future__ import annotations

from math import floor, frexp, inf, isinf, ldexp, nan, sqrt

LN2_HIGH = 0.6931471803691238
"""ln 2 cut after 32 bits: its product with an exponent is exact."""
LN2_LOW = 1.9082149292705877e-10
"""What LN2_HIGH leaves out of ln 2."""
_SQRT_HALF = 0.7071067811865476
_ONE_OVER_LN2 = 1.4426950408889634


def split(x: float) -> tuple[float, int]:
    """m and k with x = m·2^k, ½ <= m < 1, for finite x > 0."""
    return frexp(x)


def scale(m: float, k: int) -> float:
    """m·2^k for |k| <= 2044, rounded once."""
    return ldexp(m, k)


def log(x: float) -> float:
    """Natural logarithm of x >= 0; −inf at 0, +inf at +inf.

    With x = m·2^k, √½ <= m < √2, and s = (m−1)/(m+1): ln x = k·ln 2 + 2·artanh s, the series of artanh cut where its
    terms fall below 2^-56 (|s| <= 0.1716).
    """
    if x == 0.0:
        return -inf
    if isinf(x):
        return x
    m, k = split(x)
    if m < _SQRT_HALF:
        m = m * 2.0
        k = k - 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    # ln(1+f) = f − s·(f − R) with R = 2s²(1/3 + s²/5 + …): f is exact, and the correction is small beside it.
    tail = z * (
        0.6666666666666666
        + z
        * (
            0.4
            + z
            * (
                0.2857142857142857
                + z
                * (
                    0.2222222222222222
                    + z
                    * (
                        0.18181818181818182
                        + z
                        * (
                            0.15384615384615385
                            + z * (0.13333333333333333 + z * (0.11764705882352941 + z * 0.10526315789473684))
                        )
                    )
                )
            )
        )
    )
    return k * LN2_HIGH - ((s * (f - tail) - k * LN2_LOW) - f)


def exp(x: float) -> float:
    """e to the x; 0 below −745.2 and +inf above 709.78.

    With x = k·ln 2 + r, |r| <= ln 2 / 2, the Taylor series of e^r is cut where its terms fall below 2^-58.
    """
    if x > 709.78:
        return inf
    if x < -745.2:
        return 0.0
    k = floor(x * _ONE_OVER_LN2 + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    return scale(_exp_of_small(r), k)


def exp2(x: float) -> float:
    """2 to the x, exact for whole x; 0 below −1075 and +inf from 1024 on."""
    if x >= 1024.0:
        return inf
    if x < -1075.0:
        return 0.0
    k = floor(x + 0.5)
    f = x - k
    return scale(_exp_of_small(f * LN2_HIGH + f * LN2_LOW), k)


def _exp_of_small(r: float) -> float:
    """e^r for |r| <= 0.35."""
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 0.0001984126984126984
    p = p * r + 0.001388888888888889
    p = p * r + 0.008333333333333333
    p = p * r + 0.041666666666666664
    p = p * r + 0.16666666666666666
    p = p * r + 0.5
    return 1.0 + (r + r * r * p)


def log1p(x: float) -> float:
    """Natural logarithm of 1 + x for x >= −1, without the loss of digits of a small x."""
    whole = 1.0 + x
    if whole == 1.0:
        return x
    if not whole > 0.0:
        return -inf if whole == 0.0 else nan
    return log(whole) + (x - (whole - 1.0)) / whole


def logit(p: float) -> float:
    """ln(p / (1 − p)) for p in [0, 1]; −inf at 0, +inf at 1."""
    if p == 1.0:
        return inf
    return log(p) - log(1.0 - p)


def normal_quantile(u: float) -> float:
    """The standard normal quantile of u in (0, 1), relative error about 1e-15.

    Wichura, M. J. (1988), Algorithm AS 241: The percentage points of the normal distribution, Applied Statistics 37,
    477-484, routine PPND16.
    """
    q = u - 0.5
    if -0.425 <= q <= 0.425:
        r = 0.180625 - q * q
        return q * _ratio(r, _CENTRE_A, _CENTRE_B)
    r = sqrt(-log(u if q < 0.0 else 1.0 - u))
    z = _ratio(r - 1.6, _MIDDLE_C, _MIDDLE_D) if r <= 5.0 else _ratio(r - 5.0, _TAIL_E, _TAIL_F)
    return -z if q < 0.0 else z


def normal_cdf(x: float) -> float:
    """The standard normal distribution function, relative error about 1e-15, in the lower tail too; 0 below −38.5.

    Cody, W. J. (1969), Rational Chebyshev approximations for the error function, Mathematics of Computation 23,
    631-637, with the coefficients of his routine ANORM.
    """
    y = abs(x)
    if y <= 0.67448975:
        return 0.5 + x * _rational(x * x, _INNER_A, _INNER_B)
    if y > 38.5:
        return 0.0 if x < 0.0 else 1.0
    if y < 5.656854249492380581:
        tail = _rational(y, _OUTER_C, _OUTER_D)
    else:
        z = 1.0 / (y * y)
        tail = (_ONE_OVER_SQRT_2PI - z * _rational(z, _FAR_P, _FAR_Q)) / y
    # exp(−y²/2) in two factors: the square of the first has no rounding error.
    cut = floor(y * 16.0) / 16.0
    tail = exp(-0.5 * cut * cut) * exp(-0.5 * (y - cut) * (y + cut)) * tail
    return tail if x < 0.0 else 1.0 - tail


def _rational(z: float, over: tuple[float, ...], under: tuple[float, ...]) -> float:
    """Two polynomials of one degree, one over the other: `over` from the highest coefficient, then from the next one
    down; `under` without its highest, which is 1."""
    numerator, denominator = over[0] * z, z
    for at in range(len(under) - 1):
        numerator = (numerator + over[at + 1]) * z
        denominator = (denominator + under[at]) * z
    return (numerator + over[-1]) / (denominator + under[-1])


def _ratio(r: float, over: tuple[float, ...], under: tuple[float, ...]) -> float:
    a0, a1, a2, a3, a4, a5, a6, a7 = over
    b1, b2, b3, b4, b5, b6, b7 = under
    return (((((((a7 * r + a6) * r + a5) * r + a4) * r + a3) * r + a2) * r + a1) * r + a0) / (
        ((((((b7 * r + b6) * r + b5) * r + b4) * r + b3) * r + b2) * r + b1) * r + 1.0
    )


_CENTRE_A = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
_CENTRE_B = (
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
_MIDDLE_C = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
_MIDDLE_D = (
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
_TAIL_E = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
_TAIL_F = (
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)

_ONE_OVER_SQRT_2PI = 0.3989422804014326779
_INNER_A = (
    6.5682337918207449113e-2,
    2.2352520354606839287e0,
    1.6102823106855587881e2,
    1.0676894854603709582e3,
    1.8154981253343561249e4,
)
_INNER_B = (4.720258190468824187e1, 9.7609855173777669322e2, 1.0260932208618978205e4, 4.5507789335026729956e4)
_OUTER_C = (
    1.0765576773720192317e-8,
    3.9894151208813466764e-1,
    8.8831497943883759412e0,
    9.3506656132177855979e1,
    5.9727027639480026226e2,
    2.4945375852903726711e3,
    6.8481904505362823326e3,
    1.1602651437647350124e4,
    9.8427148383839780218e3,
)
_OUTER_D = (
    2.2266688044328115691e1,
    2.3538790178262499861e2,
    1.519377599407554805e3,
    6.485558298266760755e3,
    1.8615571640885098091e4,
    3.4900952721145977266e4,
    3.8912003286093271411e4,
    1.9685429676859990727e4,
)
_FAR_P = (
    2.307344176494017303e-2,
    2.1589853405795699e-1,
    1.274011611602473639e-1,
    2.2235277870649807e-2,
    1.421619193227893466e-3,
    2.9112874951168792e-5,
)
_FAR_Q = (
    1.28426009614491121e0,
    4.68238212480865118e-1,
    6.59881378689285515e-2,
    3.78239633202758244e-3,
    7.29751555083966205e-5,
)
