def test_a_line_that_is_well_is_let_go(ward):
    from ivr.doctor.visit import visit

    r = visit(ward.line, ward.around)
    print(r.skipped)
    assert r.findings == ()
