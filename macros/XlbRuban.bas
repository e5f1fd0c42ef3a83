Attribute VB_Name = "XlbRuban"
Option Explicit

' The ribbon's buttons. Only in the add-in: with the same callback in an open workbook too, Excel may call the wrong one.
' `control` is an IRibbonControl; As Object, so that the module compiles in LibreOffice too. Its tag is the command word.
Public Sub XlbOnAction(ByVal control As Object)
    XlbStart control.Tag, ActiveWorkbook
End Sub
