"""Published data sets with published figures.

Michelso, Lottery and NumAcc1-4: NIST Statistical Reference Datasets, univariate summary statistics, with the
certified mean and standard deviation (https://www.itl.nist.gov/div898/strd/univ/homepage.html). Michelso holds
Michelson's speeds of light, R's `morley`, in millions of metres per second. HairEyeColor, PlantGrowth and iris are
R's data sets.
"""

from __future__ import annotations

import math

import numpy as np

Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

_MICHELSO = """
850 740 900 1070 930 850 950 980 980 880 1000 980 930 650 760 810 1000 1000 960 960
960 940 960 940 880 800 850 880 900 840 830 790 810 880 880 830 800 790 760 800
880 880 880 860 720 720 620 860 970 950 880 910 850 870 840 840 850 840 840 840
890 810 810 820 800 770 760 740 750 760 910 920 890 860 880 720 840 850 850 780
890 840 780 810 760 810 790 810 820 850 870 870 810 740 810 940 950 800 810 870
"""
MICHELSO = 299 + np.fromstring(_MICHELSO, sep=" ") / 1000
MICHELSO_MEAN, MICHELSO_STD = 299.852400000000, 0.0790105478190518

NUM_ACC_1 = np.array([10_000_001.0, 10_000_003.0, 10_000_002.0])
NUM_ACC_1_MEAN, NUM_ACC_1_STD = 10_000_002.0, 1.0


def alternating(middle: float) -> Numbers:
    """The middle value, then 500 pairs that lie 0.1 below and above it: NumAcc2, 3 and 4."""
    return np.array([middle, *([round(middle - 0.1, 1), round(middle + 0.1, 1)] * 500)])


NUM_ACC_STD = 0.1

_LOTTERY = """
162 671 933 414 788 730 817 33 536 875 670 236 473 167 877 980 316 950 456 92
517 557 956 954 104 178 794 278 147 773 437 435 502 610 582 780 689 562 964 791
28 97 848 281 858 538 660 972 671 613 867 448 738 966 139 636 847 659 754 243
122 455 195 968 793 59 730 361 574 522 97 762 431 158 429 414 22 629 788 999
187 215 810 782 47 34 108 986 25 644 829 630 315 567 919 331 207 412 242 607
668 944 749 168 864 442 533 805 372 63 458 777 416 340 436 140 919 350 510 572
905 900 85 389 473 758 444 169 625 692 140 897 672 288 312 860 724 226 884 508
976 741 476 417 831 15 318 432 241 114 799 955 833 358 935 146 630 830 440 642
356 373 271 715 367 393 190 669 8 861 108 795 269 590 326 866 64 523 862 840
219 382 998 4 628 305 747 247 34 747 729 645 856 974 24 568 24 694 608 480
410 729 947 293 53 930 223 203 677 227 62 455 387 318 562 242 428 968
"""
LOTTERY = np.fromstring(_LOTTERY, sep=" ")
LOTTERY_MEAN, LOTTERY_STD = 518.958715596330, 291.699727470969

HAIR_EYE = {
    "Black": {"Brown": 68, "Blue": 20, "Hazel": 15, "Green": 5},
    "Brown": {"Brown": 119, "Blue": 84, "Hazel": 54, "Green": 29},
    "Red": {"Brown": 26, "Blue": 17, "Hazel": 14, "Green": 14},
    "Blond": {"Brown": 7, "Blue": 94, "Hazel": 10, "Green": 16},
}
HAIR_EYE_CHI_SQUARED = 138.2898
"""R: chisq.test(margin.table(HairEyeColor, c(1, 2))): X-squared = 138.29, df = 9."""

PLANT_GROWTH = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}
PLANT_GROWTH_KRUSKAL_P = 0.01842
"""R: kruskal.test(weight ~ group, PlantGrowth): chi-squared = 7.9882, df = 2, p-value = 0.01842."""
PLANT_GROWTH_ETA = math.sqrt(3.76634 / (3.76634 + 10.49209))
"""R: anova(lm(weight ~ group, PlantGrowth)): Sum Sq 3.76634 between, 10.49209 within."""

IRIS_PETAL_PEARSON, IRIS_SEPAL_PEARSON = 0.9628654, -0.1175698
"""R: cor(iris$Petal.Length, iris$Petal.Width), cor(iris$Sepal.Length, iris$Sepal.Width)."""
IRIS_PETAL_SPEARMAN = 0.9376668
"""R: cor(iris$Petal.Length, iris$Petal.Width, method = "spearman")."""
