Attribute VB_Name = "XlbFiles"
Option Explicit

' Small text files, read alike by Excel for Windows and Mac and by LibreOffice.

Public Function XlbIsFile(ByVal file As String) As Boolean
    On Error Resume Next ' a drive that is not there: no file
    XlbIsFile = Dir(file, vbHidden) <> ""
End Function

' The whole of a file, with vbLf between the lines and &#233; and the like as the characters they stand for; empty without a file.
Public Function XlbTextOf(ByVal file As String) As String
    Dim source As Integer, row As String, text As String
    If Not XlbIsFile(file) Then Exit Function
    source = FreeFile
    Open file For Input As #source
    Do While Not EOF(source)
        Line Input #source, row
        text = text & row & vbLf
    Loop
    Close #source
    XlbTextOf = XlbDecoded(Replace(Replace(text, vbCr & vbLf, vbLf), vbCr, vbLf))
End Function

' The same; the file is removed, unless another program holds it.
Public Function XlbTakenFrom(ByVal file As String) As String
    XlbTakenFrom = XlbTextOf(file)
    On Error Resume Next
    If XlbIsFile(file) Then Kill file
End Function

Public Function XlbDecoded(ByVal text As String) As String
    Dim part As Long, parts() As String, last As Long, unit As Long
    parts = Split(text, "&#")
    For part = 1 To UBound(parts)
        last = InStr(parts(part), ";")
        unit = 0
        If last > 1 And last < 9 Then unit = CLng(Val(Left(parts(part), last - 1)))
        If unit = 0 Then
            parts(part) = "&#" & parts(part)
        ElseIf unit < 65536 Then
            parts(part) = ChrW(unit) & Mid(parts(part), last + 1)
        Else
            unit = unit - 65536
            parts(part) = ChrW(55296 + unit \ 1024) & ChrW(56320 + unit Mod 1024) & Mid(parts(part), last + 1)
        End If
    Next part
    XlbDecoded = Join(parts, "")
End Function
