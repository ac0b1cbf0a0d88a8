"""Published data sets with published figures.

Lew, Lottery, Mavro, Michelso, NumAcc1-4 and PiDigits: NIST Statistical Reference Datasets, univariate summary
statistics, with the certified mean and standard deviation
(https://www.itl.nist.gov/div898/strd/univ/homepage.html). Michelso holds Michelson's speeds of light, R's
`morley`, in millions of metres per second. HairEyeColor, PlantGrowth and iris are R's data sets.
"""

from __future__ import annotations

import decimal
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

_LEW = """
-213 -564 -35 -15 141 115 -420 -360 203 -338 -431 194 -220 -513 154 -125 -559 92 -21 -579
-52 99 -543 -175 162 -457 -346 204 -300 -474 164 -107 -572 -8 83 -541 -224 180 -420 -374
201 -236 -531 83 27 -564 -112 131 -507 -254 199 -311 -495 143 -46 -579 -90 136 -472 -338
202 -287 -477 169 -124 -568 17 48 -568 -135 162 -430 -422 172 -74 -577 -13 92 -534 -243
194 -355 -465 156 -81 -578 -64 139 -449 -384 193 -198 -538 110 -44 -577 -6 66 -552 -164
161 -460 -344 205 -281 -504 134 -28 -576 -118 156 -437 -381 200 -220 -540 83 11 -568 -160
172 -414 -408 188 -125 -572 -32 139 -492 -321 205 -262 -504 142 -83 -574 0 48 -571 -106
137 -501 -266 190 -391 -406 194 -186 -553 83 -13 -577 -49 103 -515 -280 201 300 -506 131
-45 -578 -80 138 -462 -361 201 -211 -554 32 74 -533 -235 187 -372 -442 182 -147 -566 25
68 -535 -244 194 -351 -463 174 -125 -570 15 72 -550 -190 172 -424 -385 198 -218 -536 96
"""
LEW = np.fromstring(_LEW, sep=" ")
LEW_MEAN, LEW_STD = -177.435000000000, 277.332168044316

_MAVRO = """
180 170 180 190 180 170 150 140 150 150 170 180 180 190 190 210 200 160 140 130 130 150 150 160 150
140 130 140 150 140 150 160 150 160 190 200 200 210 220 230 240 250 270 260 260 260 270 260 250 240
"""
MAVRO = np.array([float(f"2.00{digits}") for digits in _MAVRO.split()])
MAVRO_MEAN, MAVRO_STD = 2.00185600000000, 0.000429123454003053

PI_DIGITS_MEAN, PI_DIGITS_STD = 4.53480000000000, 2.86733906028871


def pi_digits(count: int = 5_000) -> Numbers:
    """NIST's PiDigits: the first digits of pi, 3 1 4 1 5 ..., by Machin's formula in whole numbers.

    The 957th is an 8, for which NIST's file has a 3; what NIST certifies is of that file.
    """
    unit: int = 10 ** (count + 10)

    def arctan(inverse: int) -> int:
        total = term = unit // inverse
        place = 1
        while term:
            term //= -inverse * inverse
            place += 2
            total += term // place
        return total

    digits = np.array([float(digit) for digit in str(decimal.Decimal(4 * (4 * arctan(5) - arctan(239))))[:count]])
    digits[956] = 3
    return digits


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

# R's airquality: ozone, solar radiation, wind and temperature in New York, 1 May to 30 September 1973.
_AIR_QUALITY = """
41,190,7.4,67 36,118,8,72 12,149,12.6,74 18,313,11.5,62 NA,NA,14.3,56 28,NA,14.9,66 23,299,8.6,65
19,99,13.8,59 8,19,20.1,61 NA,194,8.6,69 7,NA,6.9,74 16,256,9.7,69 11,290,9.2,66 14,274,10.9,68
18,65,13.2,58 14,334,11.5,64 34,307,12,66 6,78,18.4,57 30,322,11.5,68 11,44,9.7,62 1,8,9.7,59 11,320,16.6,73
4,25,9.7,61 32,92,12,61 NA,66,16.6,57 NA,266,14.9,58 NA,NA,8,57 23,13,12,67 45,252,14.9,81 115,223,5.7,79
37,279,7.4,76 NA,286,8.6,78 NA,287,9.7,74 NA,242,16.1,67 NA,186,9.2,84 NA,220,8.6,85 NA,264,14.3,79
29,127,9.7,82 NA,273,6.9,87 71,291,13.8,90 39,323,11.5,87 NA,259,10.9,93 NA,250,9.2,92 23,148,8,82
NA,332,13.8,80 NA,322,11.5,79 21,191,14.9,77 37,284,20.7,72 20,37,9.2,65 12,120,11.5,73 13,137,10.3,76
NA,150,6.3,77 NA,59,1.7,76 NA,91,4.6,76 NA,250,6.3,76 NA,135,8,75 NA,127,8,78 NA,47,10.3,73 NA,98,11.5,80
NA,31,14.9,77 NA,138,8,83 135,269,4.1,84 49,248,9.2,85 32,236,9.2,81 NA,101,10.9,84 64,175,4.6,83
40,314,10.9,83 77,276,5.1,88 97,267,6.3,92 97,272,5.7,92 85,175,7.4,89 NA,139,8.6,82 10,264,14.3,73
27,175,14.9,81 NA,291,14.9,91 7,48,14.3,80 48,260,6.9,81 35,274,10.3,82 61,285,6.3,84 79,187,5.1,87
63,220,11.5,85 16,7,6.9,74 NA,258,9.7,81 NA,295,11.5,82 80,294,8.6,86 108,223,8,85 20,81,8.6,82 52,82,12,86
82,213,7.4,88 50,275,7.4,86 64,253,7.4,83 59,254,9.2,81 39,83,6.9,81 9,24,13.8,81 16,77,7.4,82 78,NA,6.9,86
35,NA,7.4,85 66,NA,4.6,87 122,255,4,89 89,229,10.3,90 110,207,8,90 NA,222,8.6,92 NA,137,11.5,86
44,192,11.5,86 28,273,11.5,82 65,157,9.7,80 NA,64,11.5,79 22,71,10.3,77 59,51,6.3,79 23,115,7.4,76
31,244,10.9,78 44,190,10.3,78 21,259,15.5,77 9,36,14.3,72 NA,255,12.6,75 45,212,9.7,79 168,238,3.4,81
73,215,8,86 NA,153,5.7,88 76,203,9.7,97 118,225,2.3,94 84,237,6.3,96 85,188,6.3,94 96,167,6.9,91
78,197,5.1,92 73,183,2.8,93 91,189,4.6,93 47,95,7.4,87 32,92,15.5,84 20,252,10.9,80 23,220,10.3,78
21,230,10.9,75 24,259,9.7,73 44,236,14.9,81 21,259,15.5,76 28,238,6.3,77 9,24,10.9,71 13,112,11.5,71
46,237,6.9,78 18,224,13.8,67 13,27,10.3,76 24,238,10.3,68 16,201,8,82 13,238,12.6,64 23,14,9.2,71
36,139,10.3,81 7,49,10.3,69 14,20,16.6,63 30,193,6.9,70 NA,145,13.2,77 14,191,14.3,75 18,131,8,76
20,223,11.5,68
"""


def air_quality() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The data set's six columns, month and day last; NaN where R has NA."""
    measured = [
        [math.nan if cell == "NA" else float(cell) for cell in row.split(",")] for row in _AIR_QUALITY.split()
    ]
    days = [
        (month, day) for month, last in ((5, 31), (6, 30), (7, 31), (8, 31), (9, 30)) for day in range(1, last + 1)
    ]
    return np.array([[*row, *day] for row, day in zip(measured, days, strict=True)])


# naniar 1.1.0's own test of its mcar_test(airquality), whose EM stops at 1e-4.
AIR_QUALITY_LITTLE, AIR_QUALITY_DEGREES, AIR_QUALITY_PATTERNS = 35.1061288689702, 14, 4

# R's Nile: annual flow at Aswan, 1871 to 1970, in 10^8 cubic metres; the level fell after 1898 (Cobb 1978).
_NILE = """
1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799 958 1140 1100 1210 1150
1250 1260 1220 1030 1100 774 840 874 694 940 833 701 916 692 1020 1050 969 831 726 456 824 702 1120 1100 832
764 821 768 845 864 862 698 845 744 796 1040 759 781 865 845 944 984 897 822 1010 771 676 649 846 812 742
801 1040 860 874 848 890 744 749 838 1050 918 986 797 923 975 815 1020 906 901 1170 912 746 919 718 714 740
"""
NILE = np.fromstring(_NILE, sep=" ")
# statsmodels 0.15.0: adfuller(regression="c", autolag="AIC"), kpss(regression="c", nlags="auto"), acf.
NILE_ADF, NILE_ADF_P, NILE_ADF_LAGS = -4.048705096914342, 0.0011758879503871243, 1
NILE_KPSS, NILE_KPSS_LAGS = 0.8691205593783892, 5
NILE_ACF = (0.49840818, 0.3845769, 0.32786044, 0.23919117, 0.22842199)
# pymannkendall 1.4.3: original_test and hamed_rao_modification_test.
NILE_S, NILE_VARIANCE, NILE_P, NILE_SLOPE = -1387.0, 112728.33333333333, 3.658262921657496e-05, -2.6
NILE_HAMED_RAO_VARIANCE = 241565.3569166269
