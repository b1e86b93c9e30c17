import numpy as np
import pytest

from tanhui.science import ecosystems


class TestEcosystems:
    def test_are_the_seven_of_the_policy_and_the_rest(self):
        assert ecosystems.NAMES == ("forest", "shrub", "grass", "wetland", "crop", "urban", "water", "other")
        assert len(ecosystems.NAMES_ZH) == 8
        assert (ecosystems.FOREST, ecosystems.OTHER) == (1, 8)

    def test_come_from_the_classes_of_modis(self):
        found = ecosystems.from_igbp(np.array([[1, 5, 8, 7, 10], [11, 14, 13, 17, 16], [255, 0, 15, 6, 9]]))

        assert found.tolist() == [[1, 1, 1, 2, 3], [4, 5, 6, 7, 8], [0, 7, 8, 2, 3]]
        assert found.dtype == np.uint8

    def test_come_from_bytes_with_sign_too(self):
        given = np.array([[10, -128]], dtype=np.int8)

        assert ecosystems.from_igbp(given, nodata=-128).tolist() == [[3, 0]]

    def test_name_every_code_without_a_mapping(self):
        with pytest.raises(ecosystems.MissingCodes, match="missing codes: 42, 200") as refused:
            ecosystems.reclass(np.array([1, 200, 42, 42], dtype=np.uint8), ecosystems.IGBP)

        assert refused.value.codes == (42, 200)

    def test_each_have_a_rule_with_its_reason(self):
        assert sorted(ecosystems.RULES) == list(range(1, 9))
        assert all(one.reason_en and one.reason_zh for one in ecosystems.RULES.values())

    def test_never_compute_water_or_built_up_land_from_npp(self):
        assert ecosystems.COMPUTED.tolist() == [False, True, True, True, True, True, False, False, False]

    @pytest.mark.parametrize("scheme", ecosystems.SCHEMES)
    def test_of_every_scheme_are_types_that_exist(self, scheme):
        assert set(ecosystems.SCHEMES[scheme].values()) <= set(range(1, 9))
