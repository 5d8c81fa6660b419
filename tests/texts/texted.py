"""Numbers that the tests of texts speak of."""

LINE = "+18005550100"
ANN = "+14155550111"
