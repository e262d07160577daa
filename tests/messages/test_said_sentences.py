"""Sentences of errors, reports and the command line: each is said by an example, and with all its facts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from said_sentences import FILE
from test_catalogues import OPEN_FAMILIES, po

from measuring import OF_MEASURING

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    "tests/sql/test_sql_mapping.py": (
        "test_a_wrong_declaration_is_refused_with_its_place",
        "test_a_binding_that_a_field_cannot_have_is_refused",
        "test_a_mapping_needs_the_tables_of_sqlalchemy",
    ),
    "tests/notebook/test_chart_laws.py": ("test_a_value_that_has_no_picture_is_refused",),
    "tests/changes/test_arguments.py": ("test_a_wrong_argument_is_refused_by_name_and_says_what_is_allowed",),
    "tests/changes/test_compiling.py": ("test_no_copy_that_was_changed_by_hand_is_applied",),
    "tests/changes/test_change_sets.py": (
        "test_a_confirmation_has_a_name_and_an_instant",
        "test_a_prefix_is_not_longer_than_what_is_applied",
        "test_a_receipt_names_a_step",
        "test_an_edit_is_of_one_entity_and_shows_what_changes_but_no_value",
    ),
    "tests/changes/test_appliers.py": (
        "test_a_driver_says_why_it_stops_in_both_languages",
        "test_an_applier_wants_a_compiled_set_and_says_so",
        "test_a_wrong_answer_of_a_driver_is_refused",
        "test_an_answer_about_another_row_than_was_written_is_refused",
    ),
    "tests/changes/test_moves.py": ("test_an_id_of_several_kinds_needs_its_kind",),
    "tests/changes/test_step_checks.py": (
        "test_a_step_that_is_not_there_is_named",
        "test_an_excerpt_wants_questions_and_entities",
    ),
    "tests/documents/test_entity_rows.py": (
        "test_a_value_that_json_cannot_hold_is_told_with_its_path_and_never_shown",
        "test_only_entities_are_written",
    ),
    "tests/plans/test_limits.py": (
        "test_a_limit_that_is_no_natural_number_is_refused",
        "test_anything_else_than_limits_is_refused",
    ),
    "tests/plans/test_zones_of_plans.py": (
        "test_a_plan_tells_the_zones_with_other_rules_here_also_those_that_are_unknown_here",
    ),
    "tests/cli/test_cli_bad_input.py": (
        "test_a_command_line_that_is_not_understood",
        "test_a_defect_of_ours_shows_its_place_and_no_value",
        "test_a_file_that_cannot_be_read",
        "test_a_file_that_is_not_there_or_is_a_folder",
        "test_a_spoilt_file_is_refused_with_the_place_of_the_fault",
        "test_an_interruption_ends_with_130_and_one_line",
        "test_options_that_contradict_or_cannot_be_read",
        "test_ten_thousand_faults_are_counted_and_some_shown",
        "test_what_is_no_document_is_refused",
    ),
    "tests/cli/test_cli_commands.py": (
        "test_apply_and_show_take_a_change_set_without_its_plan",
        "test_check_of_a_clean_file_ends_with_0",
        "test_no_personal_value_shows_in_any_text",
    ),
    "tests/cli/test_cli_contract.py": (
        "test_a_blocked_plan_fits_nowhere",
        "test_a_merge_is_undone_where_the_rules_allow_it",
        "test_a_rebase_may_be_for_another_instant",
        "test_a_receipt_tells_what_was_taken_back",
        "test_receipts_of_another_plan_are_left_aside_and_told",
        "test_resume_writes_the_snapshot_with_the_rest_applied",
        "test_two_documents_do_not_go_to_one_standard_output",
        "test_what_is_there_is_kept_unless_forced",
    ),
    "tests/cli/test_cli_customers.py": (
        "test_an_empty_snapshot_is_answered",
        "test_find_names_who_is_disabled",
        "test_find_shows_ids_and_record_numbers_and_no_name",
        "test_login_tells_who_may_know_with_which_address_to_sign_in",
        "test_what_is_wrong_with_an_edit_is_told_at_once_and_shows_nothing",
    ),
    "tests/cli/test_cli_demo.py": (
        "test_the_demo_shows_both_plans_and_both_states",
        "test_a_kept_demo_can_be_looked_at",
        "test_what_is_there_is_never_written_over",
    ),
    "tests/cli/test_cli_journey.py": (
        "test_notices_are_shown_only_to_whom_asks_for_them",
        "test_only_the_plan_of_a_migration_is_taken",
    ),
    "tests/cli/test_cli_import.py": (
        "test_a_map_that_cannot_be_used_is_told",
        "test_a_table_is_no_document_for_other_commands",
        "test_all_faults_are_told_at_once_and_no_value_of_a_person",
        "test_tables_become_a_snapshot",
        "test_what_cannot_be_read_is_told_and_nothing_is_written",
        "test_without_the_extra_for_tables_it_is_named",
    ),
    "tests/cli/test_cli_json.py": ("test_what_is_printed_about_a_plan_has_its_shape",),
    "tests/cli/test_cli_many.py": (
        "test_a_confirmed_plan_is_kept_and_named",
        "test_a_plan_that_does_not_fit_the_data_is_planned_again",
        "test_blocked_plans_are_written_named_and_left_out",
        "test_every_fault_of_a_csv_file_has_its_place_and_no_value",
        "test_every_fault_of_clusters_has_its_place",
        "test_folders_and_files_that_will_not_do_are_named",
        "test_merges_of_pairs_and_clusters_are_suggested_confirmed_and_applied",
        "test_merges_that_need_each_other_are_applied_in_a_possible_order",
        "test_moves_of_a_csv_file_are_planned_written_once_applied_and_followed",
        "test_what_a_brief_report_leaves_out_is_counted",
    ),
    "tests/cli/test_cli_merges.py": (
        "test_a_merge_in_french_and_without_personal_values",
        "test_merge_takes_a_named_authority_instead_of_a_profile",
    ),
    "tests/cli/test_cli_output.py": (
        "test_a_folder_that_takes_no_files",
        "test_apply_never_overwrites_what_it_reads",
        "test_what_is_no_file_of_ours_is_refused_also_with_force",
    ),
    "tests/cli/test_cli_parquet.py": (
        "test_a_file_that_is_no_parquet_or_lacks_a_column_is_bad_input",
        "test_a_folder_of_tables_is_judged_over_profiles_and_merged_customers",
        "test_a_parquet_file_is_counted_and_its_first_pairs_are_shown",
        "test_a_clean_file_ends_with_0_and_a_bad_row_with_1",
        "test_a_terminal_sees_a_bar",
        "test_more_pairs_than_a_screen_are_counted",
        "test_without_the_extra_its_installation_is_named",
    ),
    "tests/frames/test_frames_candidates.py": ("test_what_is_no_frame_of_matches_is_refused",),
    "tests/frames/test_frames_double_bookings.py": (
        "test_a_wrong_frame_is_refused_with_its_column_and_never_with_a_value",
    ),
    "tests/frames/test_frames_mailbox_claims.py": ("test_a_wrong_frame_of_customers_is_refused",),
    "tests/frames/test_frames_packed_slots.py": ("test_a_pair_without_an_id_is_refused",),
    "tests/cli/test_cli_privacy.py": ("test_values_are_shown_to_whom_asks_for_them",),
    "tests/cli/test_cli_prove.py": (
        "test_a_broken_law_ends_with_1_and_json_says_which",
        "test_what_is_no_function_is_told",
        "test_what_makes_no_adapter_is_told",
        "test_without_the_kit_its_extra_is_named",
    ),
    "tests/cli/test_cli_rare_texts.py": (
        "test_a_closed_output_is_told",
        "test_a_customer_is_found_by_an_address",
        "test_a_missing_package_is_told",
        "test_a_process_without_standard_input_is_told",
        "test_a_step_that_a_new_plan_adds_is_told",
        "test_an_unknown_error_of_the_parser_is_told",
        "test_slow_work_is_told_on_a_terminal",
        "test_what_shows_more_than_a_profile_may_see_is_refused",
    ),
    "tests/cli/test_cli_report.py": (
        "test_the_command_of_a_report_confirms_the_plan_that_it_shows",
        "test_several_files_make_one_report_and_a_blocked_plan_ends_with_1",
        "test_standard_streams_a_zone_and_values",
    ),
    "tests/cli/test_cli_rebookings.py": (
        "test_a_finding_is_accepted_by_name",
        "test_a_wrong_command_line_ends_with_2",
        "test_what_could_not_be_read_back_is_not_printed",
    ),
    "tests/cli/test_cli_schemas.py": ("test_hostile_files_end_every_command_with_a_code_and_no_defect",),
    "tests/cli/test_cli_screens.py": (
        "test_a_bar_with_counts_is_shown_after_a_second_and_only_on_a_terminal",
        "test_a_time_without_offset_needs_a_zone_and_a_day_is_enough_where_one_is_meant",
        "test_screens_are_as_they_were_and_no_line_is_longer_than_the_terminal",
        "test_show_is_brief_unless_all_is_asked_for",
        "test_the_findings_of_a_check_are_chosen_and_grouped",
    ),
    "tests/cli/test_cli_store.py": (
        "test_every_line_about_gaps_indexes_and_plans_is_told_in_both_languages",
        "test_a_forgotten_foreign_key_ends_with_1",
        "test_a_merge_is_applied_once_and_every_command_knows_it",
        "test_a_plan_is_only_shown_until_someone_is_sure",
        "test_a_rehearsal_tells_what_happens_and_leaves_every_row",
        "test_a_rehearsal_tells_what_is_not_as_planned",
        "test_a_step_that_drifts_while_others_are_applied_is_told",
        "test_an_audit_ends_with_1_if_a_row_cannot_be_read",
        "test_an_unusual_error_of_sqlalchemy_is_told_by_its_kind",
        "test_every_part_of_a_rehearsal_is_told_in_both_languages",
        "test_reading_a_database_is_told_on_a_terminal",
        "test_the_added_tables_are_shown_and_created",
        "test_what_is_wrong_is_told_without_the_url",
        "test_without_the_extra_it_is_named",
    ),
    "tests/cli/test_cli_views.py": (
        "test_a_plan_that_is_blocked_ends_with_1_and_says_why",
        "test_a_slot_may_have_another_length_and_another_instant_other_slots",
        "test_what_is_wrong_with_the_question_is_told",
    ),
    "tests/cli/test_cli_vocabularies.py": (
        "test_all_that_is_wrong_with_a_command_line_is_told_in_one_go",
        "test_the_command_lines_of_these_tests_are_right_but_for_what_a_test_changes",
    ),
    "tests/cli/test_cli_windows.py": ("test_no_window_ends_with_1_and_says_why",),
    "tests/documents/test_plan_reading.py": (
        "test_a_blocked_set_has_no_steps",
        "test_a_fact_that_is_not_of_its_type_is_refused",
        "test_a_guard_has_just_its_facts_each_of_its_type",
        "test_a_plan_does_not_contradict_itself",
        "test_a_prefix_is_no_longer_than_the_steps",
        "test_an_edit_is_of_one_entity_and_changes_something",
    ),
    "tests/documents/test_snapshot_reading.py": (
        "test_a_misspelt_key_of_a_request_or_of_rules_is_told_with_the_key_that_is_meant",
        "test_a_value_that_is_none_of_its_kind_is_told",
        "test_every_id_of_a_list_and_every_pair_is_told",
    ),
    "tests/frames/test_frame_rows.py": ("test_a_call_that_cannot_be_answered_says_what_can",),
    "tests/frames/test_frames_planning.py": (
        "test_a_group_whose_planning_raises_fails_alone_and_tells_no_text",
    ),
    "tests/frames/test_frames_refusals.py": (
        "test_a_table_without_names_of_columns_shows_no_value",
        "test_a_word_outside_a_vocabulary_is_told_once_with_all_its_rows_and_the_nearest_word",
        "test_a_wrong_argument_is_refused",
        "test_a_wrong_name_of_a_mapping_is_told",
        "test_every_kind_of_fault_is_told_at_once",
        "test_ids_of_several_rows_with_one_fault_are_all_named",
        "test_the_callers_name_of_a_column_is_told",
        "test_times_without_zone_need_one",
        "test_two_columns_of_one_meaning_are_refused",
        "test_unknown_and_missing_columns_are_told_with_the_nearest_one",
        "test_what_is_no_frame_is_told",
    ),
    "tests/frames/test_frames_values.py": ("test_an_unknown_zone_is_told_with_its_name",),
    "tests/kinds/test_wrong_arguments.py": (
        "test_what_is_no_snapshot_is_refused_in_our_words",
        "test_what_is_no_source_is_refused_in_our_words",
    ),
    "tests/laws/test_seal_laws.py": ("test_nobody_confirms_a_plan_before_its_data_were_read",),
    "tests/laws/test_value_laws.py": (
        "test_what_is_put_into_a_snapshot_is_an_entity",
        "test_what_only_python_can_give_is_refused_too",
    ),
    "tests/merges/test_completeness.py": ("test_what_is_left_on_the_absorbed_is_seen",),
    "tests/messages/test_refusals.py": (
        "test_a_wrong_argument_is_refused_with_a_sentence",
        "test_more_failures_than_a_screen_are_counted",
    ),
    "tests/model/test_json_text.py": ("test_what_is_not_safe_json_is_refused_at_any_level",),
    "tests/model/test_wall_time.py": (
        "test_a_wall_time_is_resolved_as_clocks_show_it",
        "test_an_unknown_mode_is_refused_at_any_time",
    ),
    "tests/plans/test_kind.py": ("test_rules_of_another_class_are_refused_by_every_planner",),
    "tests/reports/test_cells.py": (
        "test_every_heading_and_sentence_of_cells_is_said_in_both_languages",
        "test_a_value_without_a_cell_is_refused",
    ),
    "tests/reports/test_html_report.py": (
        "test_a_cohort_and_a_batch_have_a_report_with_what_is_left_out",
        "test_a_wrong_subject_or_zone_is_refused",
        "test_every_word_of_a_report_is_there",
        "test_several_plans_make_one_report_with_contents",
        "test_values_are_shown_to_a_reader_who_asks_for_them",
        "test_what_is_cut_is_counted_too",
    ),
    "tests/reports/test_redacting.py": (
        "test_a_key_that_could_be_tried_out_is_refused",
        "test_only_plans_and_change_sets_have_a_view",
    ),
    "tests/reports/test_report_texts.py": (
        "test_a_request_is_shown_by_the_ids_it_is_about",
        "test_a_window_is_told_with_the_zone_of_its_times",
        "test_values_that_went_the_same_way_are_one_line_of_the_ledger",
    ),
    "tests/reports/test_timeline_texts.py": (
        "test_double_bookings_and_bookings_of_others_are_named",
        "test_the_verdict_is_the_one_of_the_gate",
    ),
    "tests/sql/test_sql_refusals.py": (
        "test_a_command_before_a_transaction_and_a_row_that_cannot_be_read_are_told",
        "test_a_database_that_refuses_is_told_without_any_value",
        "test_a_mapping_that_does_not_fit_is_refused_with_a_sentence",
        "test_a_reference_to_a_missing_row_names_its_table_its_column_and_both_rows",
        "test_a_wrong_option_of_a_table_is_refused_before_any_step",
        "test_a_store_wants_a_synchronous_engine_and_says_so",
        "test_rows_without_a_meaning_are_counted_by_table_and_column",
    ),
    "tests/wire/test_json_reading.py": (
        "test_a_key_that_stands_twice_is_told",
        "test_text_that_looks_like_a_path_is_told_to_be_taken_as_json",
    ),
}
"""Tests that together say every sentence of the families without a vocabulary. A new sentence needs a test here."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The keys of the sentences that the examples say."""
    tests = [f"{file}::{name}" for file, names in EXAMPLES.items() for name in names]
    file = tmp_path_factory.mktemp("said") / "said.json"
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith(OF_MEASURING)}
    path = os.pathsep.join(["tests/messages", os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-p",
            "said_sentences",
            "--hypothesis-profile=mutants",  # a few examples of a law say all that it says
            *tests,
        ],
        cwd=ROOT,
        env={**unmeasured, "PYTHONPATH": path, FILE: str(file)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]
    return set(json.loads(file.read_text(encoding="utf-8")))


def of_open_families(keys: set[str]) -> set[str]:
    return {key for key in keys if key.partition(".")[0] in OPEN_FAMILIES}


def test_every_sentence_without_a_vocabulary_is_said(said: set[str]) -> None:
    unsaid = sorted(of_open_families(set(po("en"))) - said)
    assert unsaid == [], "name a test in EXAMPLES that says these, or delete them"


def test_every_sentence_that_is_said_is_in_both_catalogues(said: set[str]) -> None:
    assert len(of_open_families(said)) > 250
    assert said <= po("en").keys() & po("fr").keys()
