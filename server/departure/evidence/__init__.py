"""Evidence: what was given, what was agreed, who had access, and a pack that a court's expert can check without us.

Reading, and the register of agreements; nothing here changes the archive. What cannot be shown exactly is shown as a
bound, and called that.
"""
