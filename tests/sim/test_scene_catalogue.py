"""Each scenario's look, and everything that is easily taken for it, has a scene of its own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from brain.sim.scenes import SCENES
from brain.sim.scenes.kinds import Begins

LOOKS: Mapping[str, Mapping[str, str]] = {
    "illegal_parking": {
        "in a zone longer than the grace": "parked_car", "crossing": "parked_on_crossing",
        "lane blocked": "blocked_lane",
        "hidden by passing ones": "hidden_parked_car",
    },
    "nonmotor_parking": {"five and more outside bays": "nonmotor_parking", "pile-up": "cycle_pile_up"},
    "street_vendor": {"stall, cart, loaded tricycle": "street_vendor", "on the carriageway": "vendor_on_road"},
    "shop_overflow": {"goods, racks, tables": "shop_overflow"},
    "exposed_garbage": {"bags": "garbage_bags", "pile": "garbage_pile", "rubble": "rubble_heap"},
    "bin_overflow": {"waste above the rim": "bin_overflow", "bags beside a bin": "bags_at_bin"},
    "construction_site": {"uncovered truck": "uncovered_truck", "dust": "site_dust", "bare soil": "bare_soil"},
    "road_damage": {
        "pothole": "pothole", "cover missing": "manhole_missing", "cover displaced": "manhole_displaced",
        "collapse": "road_collapse",
    },
    "road_waterlogging": {"sheet that grows": "flooded_road", "water at the wheels": "deep_flood"},
    "floating_debris": {"items": "floating_debris", "algae": "algae_bloom", "dead fish": "dead_fish"},
    "water_safety": {"in water": "person_in_water", "outer bank": "person_on_outer_bank", "fishing": "fishing"},
    "fire_smoke": {
        "smoke, then flame": "ground_fire", "flame": "flame_only", "smoke": "window_smoke", "vehicle": "ebike_fire",
        "burning leaves with person": "leaf_burning",
    },
    "fire_lane_blocked": {"vehicle": "fire_lane_car", "objects": "fire_lane_goods"},
    "crowd_gathering": {"thirty and more": "crowd"},
    "perimeter_intrusion": {"in the zone": "intrusion", "loiters": "loitering"},
    "left_object": {"on the pavement": "left_object", "spill on the carriageway": "spilled_load"},
}  # fmt: skip
CONFUSERS: Mapping[str, Mapping[str, str]] = {
    "illegal_parking": {
        "queue at lights": "queue_at_lights", "loading with hazard lights": "loading_van",
        "bus at its stop": "bus_at_stop", "double-parked bus": "double_parked_bus", "shadow change": "kerb_shadows",
        "licensed bays": "licensed_bay", "jam": "traffic_jam",
    },
    "nonmotor_parking": {
        "riders waiting": "waiting_riders", "delivery riders": "delivery_riders", "overlap": "full_cycle_bay",
    },
    "street_vendor": {
        "sanitation cart": "sanitation_cart", "courier unloading": "courier", "bus-stop umbrella": "bus_stop_umbrellas",
        "rain (umbrellas)": "rain_umbrellas", "shop parasol": "shop_parasol", "empty tricycles": "tricycle_row",
    },
    "shop_overflow": {
        "delivery in progress": "shop_delivery", "parked e-bikes": "ebikes_at_shop", "planters": "planters_and_boards",
        "sign boards": "planters_and_boards", "legal terraces": "legal_terrace",
    },
    "exposed_garbage": {
        "leaves": "fallen_leaves", "crates": "stacked_crates", "sanitation bags": "bags_for_pickup",
        "puddles": "pavement_puddles", "shadows": "pavement_shadows", "sleeping dog": "sleeping_dog",
        "plastic sheet": "plastic_sheet",
    },
    "bin_overflow": {"open lid": "bin_row", "bag just put down": "bag_taken", "emptying truck": "bin_emptying"},
    "construction_site": {
        "fog": "site_fog", "exhaust": "site_exhaust", "sprinkler mist": "fog_cannon", "empty truck": "empty_trucks",
        "covered truck": "covered_trucks", "green net ripple": "green_net", "low sun": "site_low_sun",
    },
    "road_damage": {
        "patches": "road_patches", "oil stains": "oil_stains", "shadows": "shade_on_road", "wet spots": "wet_spots",
        "painted marks": "painted_marks", "works with cones": "works_with_cones",
    },
    "road_waterlogging": {
        "merely wet road": "wet_road", "headlight reflections": "headlights_on_wet_road",
        "sky reflections": "sky_on_wet_road", "shadows": "road_shadows", "fresh asphalt": "fresh_asphalt",
        "steam": "road_steam", "sprinkler trucks": "sprinkler_truck", "drops on the lens": "drops_on_lens",
    },
    "floating_debris": {
        "birds": "river_birds", "lotus": "lotus_leaves", "sun glitter": "sun_glitter",
        "cloud reflections": "cloud_reflections", "tree reflections": "promenade", "wake": "boat_wake",
        "rain rings": "rain_rings", "foam": "river_foam", "boats": "boat_wake",
    },
    "water_safety": {
        "boat crew": "boat_crew", "keepers (vest)": "keeper_in_vest", "statues": "statue",
        "reflections of persons": "mirrored_walkers", "dogs": "dogs", "large birds": "large_birds",
    },
    "fire_smoke": {
        "head and brake lights": "brake_lights", "sunset": "low_sun", "lamps and halo": "lamp_halos",
        "orange vests": "orange_vests", "flags": "red_flags", "LED screens": "led_screen", "welding": "welding",
        "barbecue": "barbecue", "kitchen fumes": "kitchen_fumes", "steam": "manhole_steam",
        "stall's steam": "winter_steam",
        "fog": "fog_banks", "dust": "street_dust", "exhaust": "exhaust_clouds", "chimneys": "chimney_smoke",
        "clouds": "passing_clouds", "spider web in IR light": "spider_web_ir",
    },
    "fire_lane_blocked": {
        "fire engines": "fire_engine", "ambulances": "ambulance", "loading": "fire_lane_loading",
        "passing cars": "courtyard_life",
    },
    "crowd_gathering": {
        "bus queue": "bus_queue", "school release": "school_release", "square dance": "square_dance",
        "market": "street_market", "umbrellas": "square_umbrellas", "mannequins": "mannequins",
        "perspective": "marching_file", "passers-by": "crossing_square",
    },
    "perimeter_intrusion": {
        "staff": "staff_inside", "cats": "animals_inside", "shadows": "swaying_branch", "insects": "insects_ir",
        "branches": "swaying_branch", "reflections in glass": "glass_reflections",
    },
    "left_object": {
        "ghosts of parked cars": "car_drives_off", "moved shadows": "moved_shadows",
        "stopped persons": "standing_people",
        "snow": "snowfall", "reflections": "mirror_puddles", "light steps": "left_object_confusers",
    },
}  # fmt: skip


@pytest.mark.parametrize("scenario", sorted(LOOKS))
def test_a_scenario_has_scenes_of_its_looks_and_of_what_is_taken_for_it(scenario: str) -> None:
    assert {name: SCENES[name].shows for name in LOOKS[scenario].values()} == dict.fromkeys(
        LOOKS[scenario].values(), scenario
    )
    assert {name: SCENES[name].confuses for name in CONFUSERS[scenario].values()} == dict.fromkeys(
        CONFUSERS[scenario].values(), scenario
    )
    assert {kind.name for kind in SCENES.values() if kind.shows == scenario} >= set(LOOKS[scenario].values())


def test_every_scene_is_of_a_known_scenario() -> None:
    assert set(LOOKS) == set(CONFUSERS)
    assert {name for kind in SCENES.values() for name in kind.looked_for} == set(LOOKS)
    assert all(bool(kind.shows) != bool(kind.confuses) for kind in SCENES.values())


def test_only_what_shows_an_event_says_how_it_begins() -> None:
    for kind in SCENES.values():
        assert kind.count >= 1
        if not kind.shows:
            assert (kind.begins, kind.count) == (Begins.SHOWS, 1), kind.name


def test_every_scene_reads_well_in_both_languages() -> None:
    for kind in SCENES.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in kind.zh), kind.name
        assert kind.en.isascii() or "é" in kind.en, kind.name
        assert 8 < len(kind.en) < 80, kind.name
    assert len({kind.zh for kind in SCENES.values()}) == len(SCENES)
    assert len({kind.en for kind in SCENES.values()}) == len(SCENES)
