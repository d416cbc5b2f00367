"""The one error type for mistakes a user can mend."""


class BadInput(Exception):
    """A mistake the user can mend; the message is one or two sentences: what is wrong and what to do.

    Screens show the message, the command line prints it and exits with 2. Anything else is a defect:
    it is logged with its traceback and crashes visibly.
    """
