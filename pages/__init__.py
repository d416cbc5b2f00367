"""The screens: one file each, under the shell."""
