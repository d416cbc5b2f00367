"""The parts of the rules screen: a rule on trial, what it changes, the rules that stand, how varied lists are."""
