"""Polynomials through Chebyshev points against numpy's own, and against functions whose convergence is known."""

import numpy as np
import pytest
from numpy.polynomial import chebyshev as numpys

from helpers.concepts.chebyshev import interpolate, matrix, nodes


@pytest.mark.parametrize("n", [2, 3, 7, 13, 25, 49])
def test_nodes_are_the_extrema_of_the_chebyshev_polynomial(n):
    x = nodes(n)
    np.testing.assert_allclose(x, numpys.chebpts2(n), atol=1e-15)
    np.testing.assert_array_equal(x, -x[::-1])
    np.testing.assert_allclose(np.abs(numpys.Chebyshev.basis(n - 1)(x)), 1, atol=1e-12)


@pytest.mark.parametrize("n", [3, 7, 13, 25])
def test_the_points_of_n_intervals_are_among_those_of_2n(n):
    np.testing.assert_allclose(nodes(2 * n - 1)[::2], nodes(n), atol=1e-15)


def test_one_point_spans_nothing():
    with pytest.raises(ValueError, match="1 points span no interval; choose 2 or more"):
        nodes(1)


@pytest.mark.parametrize("n", [2, 5, 13])
def test_a_polynomial_of_lower_degree_comes_back_exactly(n):
    p = np.polynomial.Polynomial(np.random.default_rng(n).normal(size=n))
    at = np.linspace(-1, 1, 41)
    np.testing.assert_allclose(matrix(n, at) @ p(nodes(n)), p(at), atol=1e-12)


def test_at_a_node_it_is_the_value_given_there():
    np.testing.assert_array_equal(matrix(13, nodes(13)), np.eye(13))


def test_it_is_numpys_polynomial_through_the_same_points():
    values, at = np.random.default_rng(0).normal(size=13), np.linspace(-1, 1, 51)
    right = numpys.Chebyshev(numpys.chebfit(nodes(13), values, 12))(at)
    np.testing.assert_allclose(matrix(13, at) @ values, right, atol=1e-10)


def test_rows_and_columns_are_not_mixed_up():
    y, x = nodes(5), nodes(9)

    def f(y, x):
        return np.add.outer(y**3, x**6) + np.multiply.outer(y, x)

    rows, columns = np.array([-0.9, 0.1]), np.array([-1.0, 0.3, 0.35, 0.8])
    np.testing.assert_allclose(interpolate(f(y, x), rows, columns), f(rows, columns), atol=1e-12)


def test_the_error_of_a_smooth_function_falls_geometrically():
    """1 / (1 + 25 x²) has poles at ±i/5, so the error falls like ρ⁻ⁿ with ρ = (1 + √26) / 5 (Trefethen, 2013, theorem 8.2)."""
    at, n = np.linspace(-1, 1, 1001), range(11, 92, 20)

    def runge(x):
        return 1 / (1 + 25 * x**2)

    errors = [np.abs(matrix(k, at) @ runge(nodes(k)) - runge(at)).max() for k in n]
    rate = -np.polyfit(n, np.log(errors), 1)[0]
    assert rate == pytest.approx(np.log((1 + np.sqrt(26)) / 5), rel=0.05)
