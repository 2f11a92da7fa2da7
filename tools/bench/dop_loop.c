/* PDOP by a plain compiled loop, written for tools/bench/models.py only: the yardstick for
   silkroad.visibility. Two threads, double precision (single misses 1e-6).
   gcc -O3 -march=native -fopenmp -shared -fPIC dop_loop.c -o dop_loop.so -lm */
#include <math.h>

void pdop_loop(const double *sky, int epochs, int satellites, /* (epochs, satellites, 3) km */
               const double *site, const double *up, int points, /* (points, 3) each */
               double lowest, double *pdop) /* sine of the mask; (epochs, points) */
{
#pragma omp parallel for num_threads(2) collapse(2) schedule(static)
    for (int t = 0; t < epochs; t++)
        for (int i = 0; i < points; i++) {
            const double *s = sky + 3L * t * satellites, *p = site + 3 * i, *u = up + 3 * i;
            double n = 0, bx = 0, by = 0, bz = 0;
            double xx = 0, yy = 0, zz = 0, xy = 0, xz = 0, yz = 0;
            for (int k = 0; k < satellites; k++, s += 3) {
                double x = s[0] - p[0], y = s[1] - p[1], z = s[2] - p[2];
                double r = sqrt(x * x + y * y + z * z);
                if (x * u[0] + y * u[1] + z * u[2] < lowest * r) continue;
                x /= r; y /= r; z /= r;
                n += 1; bx += x; by += y; bz += z;
                xx += x * x; yy += y * y; zz += z * z; xy += x * y; xz += x * z; yz += y * z;
            }
            double *out = pdop + (long)t * points + i;
            if (n < 4) { *out = INFINITY; continue; }
            xx -= bx * bx / n; yy -= by * by / n; zz -= bz * bz / n;
            xy -= bx * by / n; xz -= bx * bz / n; yz -= by * bz / n;
            double a = yy * zz - yz * yz, b = xx * zz - xz * xz, c = xx * yy - xy * xy;
            double det = xx * a - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
            *out = det > 0 ? sqrt((a + b + c) / det) : INFINITY;
        }
}
