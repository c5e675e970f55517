"""Loss surfaces of two parameters (and one of a single parameter) with their gradients: where optimisers are raced.

Each is written with plain arithmetic, so that floats (one run, fast) and arrays (a whole grid) both go through it.
Notebook: 03_gradient_descent. After Rosenbrock, 1960; Beale, 1958; Himmelblau, 1972.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Surface:
    """A loss f(x, y), its gradient, the part worth looking at, a start, and the least value it takes.

    minima: (minimum, 2), where it takes it; hessian: (2, 2) where f is quadratic, f(w) = ½ wᵀHw, else None.
    together: (f, ∂f/∂x, ∂f/∂y) at one place, where that costs less than one after the other.
    """

    name: str
    value: Callable
    gradient: Callable
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    start: tuple[float, float]
    minima: Float[np.ndarray, "minimum 2"]
    least: float = 0.0
    hessian: Float[np.ndarray, "2 2"] | None = None
    together: Callable | None = None

    def jet(self, x: float, y: float) -> tuple[float, float, float]:
        """f and its gradient at one place."""
        return self.together(x, y) if self.together else (float(self.value(x, y)), *self.gradient(x, y))

    def grid(self, rows: int, columns: int) -> Float[np.ndarray, "rows columns"]:
        """f on a grid over the part worth looking at, ends included; row 0 is the lowest y, column 0 the lowest x."""
        x, y = np.linspace(*self.x_range, columns), np.linspace(*self.y_range, rows)
        return self.value(x[None, :], y[:, None])


def quadratic(name: str, condition: float, degrees: float = 0.0, start: tuple[float, float] = (-1.8, 0.9)) -> Surface:
    """½ wᵀHw with eigenvalues 1 and `condition`; the flat direction is turned by so many degrees from the x axis.

    Raises ValueError where the condition number is below 1.
    """
    if condition < 1:
        raise ValueError(f"A condition number of {condition:g} cannot be: it is largest over least curvature; give 1 or more.")
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    a, b, d = c * c + condition * s * s, (1 - condition) * c * s, s * s + condition * c * c
    return Surface(
        name,
        lambda x, y: (a * x * x + 2 * b * x * y + d * y * y) / 2,
        lambda x, y: (a * x + b * y, b * x + d * y),
        (-2.2, 2.2), (-2.2, 2.2), start, np.zeros((1, 2)), hessian=np.array([[a, b], [b, d]]),
    )  # fmt: skip


def saddle() -> Surface:
    """½x² − ½y² + ¼y⁴: a saddle at the origin, down to two minima at (0, ±1). On the axis y = 0 the slope leads into it."""
    return Surface(
        "saddle",
        lambda x, y: (x * x - y * y) / 2 + y**4 / 4,
        lambda x, y: (x, y**3 - y),
        (-2.0, 2.0), (-1.6, 1.6), (1.6, 0.0), np.array([[0.0, 1.0], [0.0, -1.0]]), least=-0.25,
    )  # fmt: skip


def rosenbrock() -> Surface:
    """(1 − x)² + 100 (y − x²)²: a long bent valley with its least value at (1, 1)."""
    return Surface(
        "Rosenbrock",
        lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
        lambda x, y: (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
        (-1.8, 1.8), (-0.8, 2.4), (-1.2, 1.0), np.array([[1.0, 1.0]]),
    )  # fmt: skip


def himmelblau() -> Surface:
    """(x² + y − 11)² + (x + y² − 7)²: four minima, all equally deep."""

    def gradient(x, y):
        p, q = x * x + y - 11, x + y * y - 7
        return 4 * x * p + 2 * q, 2 * p + 4 * y * q

    minima = np.array(
        [[3.0, 2.0], [-2.805118086952745, 3.131312518250573], [-3.779310253377747, -3.283185991286170],
         [3.584428340330492, -1.848126526964404]]
    )  # fmt: skip
    return Surface(
        "Himmelblau",
        lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
        gradient,
        (-5.0, 5.0), (-5.0, 5.0), (-0.5, -0.5), minima,
    )  # fmt: skip


def beale() -> Surface:
    """Σ (cᵢ − x + xyⁱ)² with c = 1.5, 2.25, 2.625: flat ground, steep corners, its least value at (3, ½)."""

    def parts(x, y):
        return 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y

    def value(x, y):
        p, q, r = parts(x, y)
        return p * p + q * q + r * r

    def gradient(x, y):
        p, q, r = parts(x, y)
        return 2 * (p * (y - 1) + q * (y * y - 1) + r * (y * y * y - 1)), 2 * x * (p + 2 * q * y + 3 * r * y * y)

    return Surface("Beale", value, gradient, (-0.5, 4.5), (-1.5, 1.5), (1.0, 1.2), np.array([[3.0, 0.5]]))


def plateau() -> Surface:
    """1 − exp(−½(x² + y²)): a hole in a plain; two units away from it there is hardly a slope left."""

    def exp(z):
        return math.exp(z) if isinstance(z, float) else np.exp(z)

    def gradient(x, y):
        hole = exp(-(x * x + y * y) / 2)
        return x * hole, y * hole

    value = lambda x, y: 1 - exp(-(x * x + y * y) / 2)  # noqa: E731
    return Surface("plateau", value, gradient, (-4.0, 4.0), (-4.0, 4.0), (2.2, 1.8), np.zeros((1, 2)))


SURFACES = ("bowl", "ravine", "rotated ravine", "saddle", "Rosenbrock", "Himmelblau", "Beale", "plateau")


def surface(name: str, condition: float = 20.0) -> Surface:
    """The surface of that name; `condition` is the condition number of the two ravines. Raises ValueError for another name."""
    made = {
        "bowl": lambda: quadratic("bowl", 1.0),
        "ravine": lambda: quadratic("ravine", condition),
        "rotated ravine": lambda: quadratic("rotated ravine", condition, 30.0, (-1.8, 0.6)),
        "saddle": saddle, "Rosenbrock": rosenbrock, "Himmelblau": himmelblau, "Beale": beale, "plateau": plateau,
    }  # fmt: skip
    if name not in made:
        raise ValueError(f"No surface is called {name!r}; there are {', '.join(SURFACES)}.")
    return made[name]()


@dataclass(frozen=True, eq=False)
class Curve:
    """A loss f(w) of one parameter, its slope f′(w), the part worth looking at and a start."""

    name: str
    value: Callable
    slope: Callable
    range: tuple[float, float]
    start: float


def curve(name: str, height: float = 0.6) -> Curve:
    """A curve by name: 'valley' ½w², or 'hills' w²/10 + height · sin 2w with several minima. Raises ValueError for another name."""
    made = {
        "valley": Curve("valley", lambda w: w * w / 2, lambda w: w + 0.0, (-4.0, 4.0), -3.0),
        "hills": Curve(
            "hills",
            lambda w: w * w / 10 + height * np.sin(2 * w),
            lambda w: w / 5 + 2 * height * np.cos(2 * w),
            (-6.0, 6.0),
            -5.0,
        ),
    }
    if name not in made:
        raise ValueError(f"No curve is called {name!r}; there are {', '.join(made)}.")
    return made[name]
