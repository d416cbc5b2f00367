"""What happens after data or feedback arrives: everything derived is brought up to date."""
