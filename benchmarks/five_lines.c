/* The model of five-lines.yaml as a C programmer would write it for this one model: an event loop over the next second
 * of each line, the smallest found by a scan, xoshiro256++ for random numbers, odds kept as products.
 *
 * xoshiro256++ and splitmix64: Blackman, D. and Vigna, S. (2021), Scrambled linear pseudorandom number generators,
 * ACM Trans. Math. Softw. 47, 36.
 */
#include <math.h>
#include <stdint.h>

#define LINES 5
#define DAY 86400.0

static const double HORIZON = 88 * DAY, EVERY = 3 * DAY, SHOCK_AT = 20 * DAY, HALF_LIFE = 14 * DAY;
static const double ODDS = 0.05 / 0.95, FATIGUE = 0.98;
static const double MEDIAN = 6 * 3600.0, SIGMA = 2.0794415416798357 / 1.2815515655446004; /* ln 8 over the 90 % point */

typedef struct { uint64_t s[4]; } Generator;

static inline uint64_t rotated(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

static inline double uniform(Generator *g)
{
    uint64_t *s = g->s, x = rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = rotated(s[3], 45);
    return ((x >> 12) + 0.5) * 0x1p-52;
}

static void seeded(Generator *g, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        g->s[i] = z ^ (z >> 31);
    }
}

static inline double exponential(Generator *g, double mean) { return -mean * log(uniform(g)); }

static double lognormal(Generator *g)
{
    double u = uniform(g), v = uniform(g);
    return MEDIAN * exp(SIGMA * sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v));
}

/* Replications of the model. `tripled`: by how much a contact multiplies the odds of the other lines (1 or 3).
 * first: n rows of LINES, the second of the first contact, or HORIZON. Returns the attempts made. */
int64_t replications(int64_t n, uint64_t seed, double tripled, double *first)
{
    Generator g;
    int64_t attempts = 0;
    seeded(&g, seed);
    for (int64_t r = 0; r < n; r++, first += LINES) {
        double due[LINES], odds[LINES];
        int pending[LINES];
        for (int i = 0; i < LINES; i++) {
            due[i] = i == LINES - 1 ? 12 * DAY : 0.0;
            odds[i] = ODDS;
            pending[i] = 0;
            first[i] = HORIZON;
        }
        for (;;) {
            int line = 0;
            double now = due[0];
            for (int i = 1; i < LINES; i++) {
                line = due[i] < now ? i : line;
                now = due[i] < now ? due[i] : now;
            }
            if (now >= HORIZON)
                break;
            if (pending[line]) {
                first[line] = now;
                due[line] = HORIZON;
                if (tripled != 1.0)
                    for (int i = 0; i < LINES; i++)
                        odds[i] *= i == line ? 1.0 : tripled;
                continue;
            }
            attempts++;
            double o = odds[line];
            if (now >= SHOCK_AT)
                o *= exp2(-exp2((SHOCK_AT - now) / HALF_LIFE));
            if (uniform(&g) * (1.0 + o) < o) {
                pending[line] = 1;
                due[line] = now + lognormal(&g);
            } else {
                odds[line] *= FATIGUE;
                due[line] = now + exponential(&g, EVERY);
            }
        }
    }
    return attempts;
}
